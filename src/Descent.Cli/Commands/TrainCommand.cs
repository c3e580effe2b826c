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
        Argument<string?> file = FileArgument();
        Option<string?> data = DataOption();
        Option<string?> memory = MemoryOption();
        Option<string[]> settings = SettingsOption();
        var output = new Option<string?>("--out", "-o") { Description = "The run's folder. Default: one named by the time, below 'runs'.", HelpName = "DIR" };
        var seed = new Option<long?>("--seed") { Description = "Where all randomness comes from. Short for --set seed=N.", HelpName = "N" };
        var explain = new Option<bool>("--explain") { Description = "Show the plan that --memory, or memory.budget, makes." };
        var command = new DescentCommand(
            "train",
            "Trains a model: initialises, updates, validates, adjusts and stops, and writes everything down in the run's folder.",
            """
            descent train
            descent train run.yaml --out runs/first
            descent train run.yaml --memory 4GiB --explain
            descent train run.yaml --data ./corpus --set optimizer.learning_rate=1e-3 --set stop.minutes=10 --seed 2
            """)
        {
            file,
            data,
            memory,
            explain,
            settings,
            output,
            seed,
        };
        command.SetAction(parsed => Execution.Run((observers, progress) =>
        {
            RunConfiguration configuration = RunFile.Load(parsed.GetValue(file), Overrides(parsed, data, memory, seed, settings));
            if (parsed.GetValue(explain) && configuration.Training.Memory.BudgetBytes is null)
            {
                throw new BadInputException($"{explain.Name} shows the plan that a budget asks for, and there is none; give {memory.Name} SIZE or memory.budget, or ask 'descent plan', which trains nothing");
            }

            string? folder = parsed.GetValue(output) is { } wanted ? OutputFolder.Resolve(wanted, OutputFolder.Run) : null;
            return TrainingRun.Start(configuration, folder, observers, progress, parsed.GetValue(explain) ? plan => PlanTable.Print(Console.Out, plan, all: false) : null);
        }));
        return command;
    }

    /// <summary>The run file.</summary>
    public static Argument<string?> FileArgument() => new("RUN.yaml")
    {
        Description = "What to train. Without it: a small GPT on the English of the .NET SDK's own documentation.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    /// <summary>The option that names the data.</summary>
    public static Option<string?> DataOption() =>
        new("--data") { Description = "The data: a file or a folder. Short for --set data.path=PATH.", HelpName = "PATH" };

    /// <summary>The option that gives the budget.</summary>
    public static Option<string?> MemoryOption() =>
        new("--memory") { Description = "The most memory that the process may take, such as 4GiB: a plan chooses the fastest settings that fit. Short for --set memory.budget=SIZE.", HelpName = "SIZE" };

    /// <summary>What the options change in the run file. What is set by its name has the last word.</summary>
    public static IReadOnlyList<string> Overrides(ParseResult parsed, Option<string?> data, Option<string?>? memory, Option<long?>? seed, Option<string[]> settings)
    {
        List<string> overrides = [];
        if (parsed.GetValue(data) is { } path)
        {
            overrides.Add($"data.path={Quoted(path)}");
        }

        if (memory is not null && parsed.GetValue(memory) is { } budget)
        {
            overrides.Add($"memory.budget={Quoted(budget)}");
        }

        if (seed is not null && parsed.GetValue(seed) is { } number)
        {
            overrides.Add($"seed={number}");
        }

        return [.. overrides, .. parsed.GetValue(settings) ?? []];
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
