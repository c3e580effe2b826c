using System.CommandLine;
using Descent.Cli.Tuning;
using Descent.Cli.Validation;

namespace Descent.Cli.Commands;

/// <summary><c>descent cross-validate</c>: how well a run file does on data that it has not seen, over folds.</summary>
internal static class CrossValidateCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        Argument<string?> file = TrainCommand.FileArgument();
        Option<string?> data = TrainCommand.DataOption();
        Option<string?> memory = TrainCommand.MemoryOption();
        Option<string[]> settings = TrainCommand.SettingsOption();
        settings.Description = "Changes a setting of the run file, for example validation.folds.kind=stratified; a range, such as optimizer.learning_rate=log(1e-5,1e-1), is searched within each fold. May be given several times.";
        var output = new Option<string?>("--out", "-o") { Description = "The folder. Default: one of the run file's name, below 'folds'.", HelpName = "DIR" };
        var seed = new Option<long?>("--seed") { Description = "Where the runs' randomness comes from. Short for --set seed=N; which rows are held out is validation.folds.seed.", HelpName = "N" };
        var workers = new Option<int>("--workers") { Description = "Folds at once, each in a process of its own; they share the cores. Of a nested search, trials at once.", HelpName = "N", DefaultValueFactory = static _ => 1 };
        var trials = new Option<int?>("--trials") { Description = $"Trials of each fold's search, where something is searched. Default: {TuneOptions.DefaultTrials}.", HelpName = "N" };
        Option<string?> sampler = TuneCommand.SamplerOption();
        Option<string?> pruner = TuneCommand.PrunerOption();
        TuneCommand.Require(workers, static value => value is >= 1 and <= 1024, "1 to 1024");
        TuneCommand.Require(trials, static value => value is >= 1, "at least 1");
        var command = new DescentCommand(
            "cross-validate",
            "Trains a run file once for every fold of its data and measures each model on what it has not seen: mean, deviation, interval and out-of-fold predictions. The same command goes on where it was interrupted.",
            """
            descent cross-validate run.yaml
            descent cross-validate run.yaml --set validation.folds.kind=k_fold --set validation.folds.count=10 --set validation.folds.repeats=3 --workers 2
            descent cross-validate run.yaml --set validation.folds.kind=group_k_fold --set validation.folds.group=patient --out folds/patients
            descent cross-validate run.yaml --set 'optimizer.learning_rate=log(1e-4,1e-1)' --trials 10
            """)
        {
            file,
            data,
            memory,
            settings,
            output,
            seed,
            workers,
            trials,
            sampler,
            pruner,
        };
        command.SetAction(parsed => CrossValidateSession.RunAsync(new CrossValidateOptions
        {
            File = parsed.GetValue(file),
            Settings = TrainCommand.Overrides(parsed, data, memory, seed, settings),
            Output = parsed.GetValue(output),
            Workers = parsed.GetValue(workers),
            Search = new TuneOptions { Settings = [], Trials = parsed.GetValue(trials), Sampler = parsed.GetValue(sampler), Pruner = parsed.GetValue(pruner) },
        }).GetAwaiter().GetResult());
        return command;
    }
}
