using System.CommandLine;
using Descent.Training;
using Descent.Training.Configuration;

namespace Descent.Cli.Commands;

/// <summary><c>descent train</c>: begins a run.</summary>
internal static class TrainCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var file = new Argument<string?>("RUN.yaml")
        {
            Description = "What to train. Without it: a small GPT on the English of the .NET SDK's own documentation.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var data = new Option<string?>("--data") { Description = "The data: a file or a folder. Short for --set data.path=PATH.", HelpName = "PATH" };
        var settings = SettingsOption();
        var output = new Option<string?>("--out", "-o") { Description = "The run's folder. Default: one named by the time, below 'runs'.", HelpName = "DIR" };
        var seed = new Option<long?>("--seed") { Description = "Where all randomness comes from. Short for --set seed=N.", HelpName = "N" };
        var command = new DescentCommand(
            "train",
            "Trains a model: initialises, updates, validates, adjusts and stops, and writes everything down in the run's folder.",
            """
            descent train
            descent train run.yaml --out runs/first
            descent train run.yaml --data ./corpus --set optimizer.learning_rate=1e-3 --set stop.minutes=10 --seed 2
            """)
        {
            file,
            data,
            settings,
            output,
            seed,
        };
        command.SetAction(parsed => Execution.Run((observers, progress) =>
        {
            List<string> overrides = [];
            if (parsed.GetValue(data) is { } path)
            {
                overrides.Add($"data.path={Quoted(path)}");
            }

            if (parsed.GetValue(seed) is { } number)
            {
                overrides.Add($"seed={number}");
            }

            // What is set by its name has the last word.
            overrides.AddRange(parsed.GetValue(settings) ?? []);
            RunConfiguration configuration = RunFile.Load(parsed.GetValue(file), overrides);
            return TrainingRun.Start(configuration, parsed.GetValue(output), observers, progress);
        }));
        return command;
    }

    /// <summary>The option that changes settings of a run file, as often as wanted.</summary>
    public static Option<string[]> SettingsOption() => new("--set")
    {
        Description = "Changes a setting of the run file, for example optimizer.learning_rate=3e-4. May be given several times.",
        HelpName = "key=value",
        Arity = ArgumentArity.OneOrMore,
        AllowMultipleArgumentsPerToken = false,
    };

    // A path is text, whatever it would mean in YAML.
    private static string Quoted(string path) => $"'{path.Replace("'", "''", StringComparison.Ordinal)}'";
}
