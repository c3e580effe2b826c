using System.CommandLine;
using System.Text.Json;
using Descent.Cli.Bench;

namespace Descent.Cli.Commands;

/// <summary><c>descent bench leak</c>: memory after many steps beside that after a few.</summary>
internal static class BenchLeakCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var files = new Argument<string[]>("RUN.yaml") { Description = "Run files.", Arity = ArgumentArity.OneOrMore };
        var steps = new Option<int>("--steps") { Description = "Steps of each run; memory is compared with that after a tenth of them.", DefaultValueFactory = _ => 2000 };
        var json = new Option<bool>("--json") { Description = "Print the figures as JSON." };
        steps.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 10 or > 10_000_000)
            {
                result.AddError($"--steps is {result.GetValueOrDefault<int>()}; allowed: 10 to 10000000");
            }
        });
        var command = new DescentCommand(
            "leak",
            "Trains run files for long, under three ways to spend memory, each in a process of its own, and compares the memory at the end with that after a tenth of the steps.",
            """
            descent bench leak gpt.yaml
            descent bench leak gpt.yaml --steps 20000 --json
            """)
        {
            files,
            steps,
            json,
        };
        command.SetAction(parsed =>
        {
            IReadOnlyList<LeakFigures> figures = LeakBench.Run(parsed.GetRequiredValue(files), parsed.GetValue(steps), Console.Error.WriteLine);
            Console.WriteLine(parsed.GetValue(json)
                ? JsonSerializer.Serialize(figures, BenchJson.Default.IReadOnlyListLeakFigures)
                : FormattableString.Invariant($"{figures.Count} runs: memory grew by at most {figures.Max(static run => run.Growth):P2}"));
            return ExitCode.Done;
        });
        return command;
    }
}
