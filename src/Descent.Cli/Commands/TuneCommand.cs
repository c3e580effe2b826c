using System.CommandLine;
using Descent.Cli.Tuning;
using Descent.Tuning.Pruners;
using Descent.Tuning.Samplers;

namespace Descent.Cli.Commands;

/// <summary><c>descent tune</c>: searches the settings of a run file with which it comes out best.</summary>
internal static class TuneCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        Argument<string?> file = TrainCommand.FileArgument();
        Option<string?> data = TrainCommand.DataOption();
        Option<string[]> settings = new("--set")
        {
            Description = "Searches a key of the run file, such as optimizer.learning_rate=log(1e-5,1e-1), or sets it to a plain value. Ranges: uniform, log, int, int_log, choice, ordinal. May be given several times.",
            HelpName = "key=range",
            Arity = ArgumentArity.OneOrMore,
            AllowMultipleArgumentsPerToken = false,
        };
        var trials = new Option<int?>("--trials") { Description = $"Trials in the study, those of earlier runs and other workers among them. Default: {TuneOptions.DefaultTrials}, unless --minutes is given.", HelpName = "N" };
        var minutes = new Option<double?>("--minutes") { Description = "After so many minutes no more trials are begun.", HelpName = "M" };
        var journal = new Option<string?>("--journal") { Description = "The journal, shared by all workers: a file, or postgres://user@host/database for many machines. Default: journal.db in the study's folder.", HelpName = "URL" };
        var study = new Option<string?>("--study") { Description = "The study's name in the journal. Default: the run file's.", HelpName = "NAME" };
        var workers = new Option<int>("--workers") { Description = "Trials at once in this process's charge; they share the cores.", HelpName = "N", DefaultValueFactory = static _ => 1 };
        var objectives = new Option<string?>("--objectives")
        {
            Description = $"What trials are compared by, with commas between: metrics of the validations (validation/…), {string.Join(", ", TuneObjective.Costs.Select(static cost => cost.Name))}. With several the study seeks their Pareto front. Default: tune.objectives of the run file, else validation.metric alone.",
            HelpName = "a,b,…",
        };
        Option<string?> sampler = SamplerOption();
        Option<string?> pruner = PrunerOption();
        var output = new Option<string?>("--out", "-o") { Description = "The study's folder. Default: one of the study's name, below 'studies'.", HelpName = "DIR" };
        var seed = new Option<long?>("--seed") { Description = "Where the sampler's randomness comes from; what a trial's run draws from stays 'seed' of the run file. Default 0.", HelpName = "N" };
        var trialMinutes = new Option<double?>("--trial-minutes") { Description = "A trial that takes longer has failed.", HelpName = "M" };
        var trialMemory = new Option<string?>("--trial-memory") { Description = "A trial whose process takes more memory has failed.", HelpName = "SIZE" };
        var trialDisk = new Option<string?>("--trial-disk") { Description = "A trial whose folder holds more has failed.", HelpName = "SIZE" };
        var lease = new Option<double>("--lease") { Description = "Seconds without a sign of life after which another worker takes a trial up.", HelpName = "S", DefaultValueFactory = static _ => 60 };
        var proxy = new Option<string?>("--proxy")
        {
            Description = "Tunes a small model in the run file's place and transfers what it finds to the large one (model.parametrization: mup): width=64, and if wanted layers=, heads=, steps= or keys of the run file with their values.",
            HelpName = "width=N,…",
        };
        var verify = new Option<int>("--verify") { Description = "With --proxy, points of the large model to train: 1 for the transferred settings, 2 and 3 for twice and half their learning rate too, 0 for none.", HelpName = "N", DefaultValueFactory = static _ => 1 };
        var trial = new Option<string?>("--trial") { Hidden = true };
        Require(trials, static value => value is >= 1, "at least 1");
        Require(workers, static value => value is >= 1 and <= 1024, "1 to 1024");
        Require(minutes, static value => value is > 0 and < 1e6, "above 0");
        Require(trialMinutes, static value => value is > 0 and < 1e6, "above 0");
        Require(verify, static value => value >= 0 && value <= ProxySession.MostPoints, $"0 to {ProxySession.MostPoints}");
        Require(lease, static value => value is >= 1 and <= 86400, "1 to 86400");
        var command = new DescentCommand(
            "tune",
            "Searches the settings of a run file with which it comes out best: each trial is a whole run in a process of its own. The same command goes on where it was interrupted.",
            """
            descent tune run.yaml --set 'optimizer.learning_rate=log(1e-5,1e-1)' --set 'model.width=int(32,256,step=32)' --trials 30
            descent tune run.yaml --set 'optimizer.kind=choice(adamw,lion)' --set 'optimizer.beta2=uniform(0.9,0.999) if optimizer.kind == adamw' --workers 2
            descent tune large.yaml --set 'optimizer.learning_rate=log(1e-4,1e-1)' --proxy width=64,steps=200 --verify 3
            descent tune run.yaml --set 'model.width=int(32,256,step=32)' --objectives validation/loss,seconds,peak_memory
            descent tune searched.yaml --minutes 60 --journal postgres://tuner@server/descent --study first
            """)
        {
            file,
            data,
            settings,
            trials,
            minutes,
            journal,
            study,
            workers,
            objectives,
            sampler,
            pruner,
            output,
            seed,
            trialMinutes,
            trialMemory,
            trialDisk,
            lease,
            proxy,
            verify,
            trial,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(proxy) is null && result.GetResult(verify) is { Implicit: false })
            {
                result.AddError($"{verify.Name} trains the large model that {proxy.Name} tuned a small one for; give {proxy.Name} width=N, or leave it out");
            }
        });
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(trial) is { } folder)
            {
                return TrialWorker.Run(folder);
            }

            var options = new TuneOptions
            {
                File = parsed.GetValue(file),
                Settings = TrainCommand.Overrides(parsed, data, null, null, settings),
                Trials = parsed.GetValue(trials),
                Minutes = parsed.GetValue(minutes),
                Journal = parsed.GetValue(journal),
                Study = parsed.GetValue(study),
                Workers = parsed.GetValue(workers),
                Objectives = parsed.GetValue(objectives),
                Sampler = parsed.GetValue(sampler),
                Pruner = parsed.GetValue(pruner),
                Output = parsed.GetValue(output),
                Seed = parsed.GetValue(seed),
                TrialMinutes = parsed.GetValue(trialMinutes),
                TrialMemory = parsed.GetValue(trialMemory),
                TrialDisk = parsed.GetValue(trialDisk),
                Lease = parsed.GetValue(lease),
            };
            return (parsed.GetValue(proxy) is { } small ? ProxySession.RunAsync(options, small, parsed.GetValue(verify)) : TuneSession.RunAsync(options)).GetAwaiter().GetResult();
        });
        return command;
    }

    /// <summary>The option that names the sampler.</summary>
    public static Option<string?> SamplerOption() =>
        new("--sampler") { Description = $"Chooses what to try: {string.Join(", ", SamplerCatalog.Names)}; with options in parentheses, such as 'tpe(multivariate=true)'. Default: tune.sampler of the run file, else the first.", HelpName = "NAME" };

    /// <summary>The option that names the pruner.</summary>
    public static Option<string?> PrunerOption() => new("--pruner")
    {
        Description = $"Stops trials that aren't worth going on with, after a validation or a fold: {string.Join(", ", PrunerCatalog.Names)}, {TuneOptions.NoPruner}; with options in parentheses. Default: tune.pruner of the run file, else the first; over folds {TuneOptions.FoldsPruner}, with several objectives {TuneOptions.NoPruner}.",
        HelpName = "NAME",
    };

    /// <summary>Refuses values of an option.</summary>
    public static void Require<T>(Option<T> option, Func<T?, bool> allowed, string range) => option.Validators.Add(result =>
    {
        if (result is { Implicit: false } && TryValue(() => result.GetValueOrDefault<T>(), out T? value) && !allowed(value))
        {
            result.AddError($"{option.Name} is {value}; allowed: {range}");
        }
    });

    /// <summary>An option's value for a validator; false where its text is none of the type, which the parser says itself.</summary>
    public static bool TryValue<T>(Func<T?> read, out T? value)
    {
        try
        {
            value = read();
            return true;
        }
        catch (InvalidOperationException)
        {
            value = default;
            return false;
        }
    }
}
