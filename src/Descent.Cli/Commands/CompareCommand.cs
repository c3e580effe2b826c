using System.CommandLine;
using Descent.Cli.Comparing;
using Descent.Tuning.Races;

namespace Descent.Cli.Commands;

/// <summary><c>descent compare</c>: which optimizer, with evidence.</summary>
internal static class CompareCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var defaults = new CompareOptions { Settings = [] };
        Argument<string?> file = TrainCommand.FileArgument();
        Option<string?> data = TrainCommand.DataOption();
        Option<string?> memory = TrainCommand.MemoryOption();
        Option<string[]> settings = new("--set")
        {
            Description = "Sets a key of the run file for all optimizers, or searches it for all with a range, such as gradients.clip_norm=log(0.1,10). May be given several times.",
            HelpName = "key=value",
            Arity = ArgumentArity.OneOrMore,
            AllowMultipleArgumentsPerToken = false,
        };
        var optimizers = new Option<string?>("--optimizers") { Description = "Names, with commas between them. Default: all that fit model, data and memory, and are settled.", HelpName = "a,b,…" };
        var equal = new Option<string>("--equal") { Description = "What is the same for all searches: trials, or seconds (which needs --minutes).", HelpName = "trials|seconds", DefaultValueFactory = static _ => "trials" };
        var trials = new Option<int>("--trials") { Description = "Trials of each optimizer's search for its learning rate and the settings that matter for it.", HelpName = "N", DefaultValueFactory = _ => defaults.Trials };
        var seeds = new Option<int>("--seeds") { Description = "Runs at each optimizer's best settings; the same seeds and the same order of the data for all.", HelpName = "N", DefaultValueFactory = _ => defaults.Seeds };
        var minutes = new Option<double?>("--minutes") { Description = "All should be over after so long: searches are cut for all alike, then seeds, and it is said.", HelpName = "M" };
        var length = new Option<double>("--search-length") { Description = "The share of a full run that a run of a search is.", HelpName = "SHARE", DefaultValueFactory = _ => defaults.SearchLength };
        var target = new Option<string?>("--target") { Description = "The metric whose reaching is timed, such as 'validation/loss<1.2'. Default: what adamw ends with at every seed.", HelpName = "metric<value" };
        var workers = new Option<int>("--workers") { Description = "Runs at once; they share the cores, and slow each other down alike.", HelpName = "N", DefaultValueFactory = static _ => 1 };
        var check = new Option<int>("--check-seeds") { Description = "Afterwards, runs the recommended optimizer and the next one with so many fresh seeds, and says whether the recommendation holds (exit code 1: it doesn't).", HelpName = "N", DefaultValueFactory = static _ => 0 };
        var seed = new Option<long?>("--seed") { Description = "The seed of the searches; the runs that are compared have the ones after it. Short for --set seed=N.", HelpName = "N" };
        var output = new Option<string?>("--out", "-o") { Description = "The comparison's folder. Default: one of the run file's name, below 'comparisons'.", HelpName = "DIR" };
        TuneCommand.Require(equal, static value => value is "trials" or "seconds", "trials, seconds");
        TuneCommand.Require(trials, static value => value is >= 1 and <= 10_000, "1 to 10000");
        TuneCommand.Require(seeds, static value => value is >= 1 and <= 1000, "1 to 1000");
        TuneCommand.Require(minutes, static value => value is > 0 and < 1e6, "above 0");
        TuneCommand.Require(length, static value => value is > 0 and <= 1, "above 0, at most 1");
        TuneCommand.Require(workers, static value => value is >= 1 and <= 1024, "1 to 1024");
        TuneCommand.Require(check, static value => value is 0 or (>= 2 and <= 1000), "0, or 2 to 1000");
        var command = new DescentCommand(
            "compare",
            "Races optimizers on a run: each gets the same budget to find its settings, then runs with several seeds; says which to take, and how sure that is. The same command goes on where it was interrupted.",
            """
            descent compare run.yaml --optimizers adamw,muon,lion,nesterov
            descent compare run.yaml --minutes 30 --workers 2 --check-seeds 10
            descent compare run.yaml --optimizers adamw,muon --trials 12 --seeds 8 --target 'validation/loss<1.2' --out comparisons/first
            """)
        {
            file,
            data,
            memory,
            settings,
            optimizers,
            equal,
            trials,
            seeds,
            minutes,
            length,
            target,
            workers,
            check,
            seed,
            output,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(equal) == "seconds" && TuneCommand.TryValue(() => result.GetValue(minutes), out double? given) && given is null)
            {
                result.AddError("--equal seconds needs --minutes, the time that is divided");
            }
        });
        command.SetAction(parsed => CompareSession.RunAsync(new CompareOptions
        {
            File = parsed.GetValue(file),
            Settings = TrainCommand.Overrides(parsed, data, memory, seed, settings),
            Optimizers = parsed.GetValue(optimizers)?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries),
            Equal = parsed.GetRequiredValue(equal) == "seconds" ? EqualBudget.Seconds : EqualBudget.Trials,
            Trials = parsed.GetValue(trials),
            Seeds = parsed.GetValue(seeds),
            Minutes = parsed.GetValue(minutes),
            SearchLength = parsed.GetValue(length),
            Target = parsed.GetValue(target),
            Workers = parsed.GetValue(workers),
            CheckSeeds = parsed.GetValue(check),
            Output = parsed.GetValue(output),
        }).GetAwaiter().GetResult());
        return command;
    }
}
