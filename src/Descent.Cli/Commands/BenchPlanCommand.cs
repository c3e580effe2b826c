using System.CommandLine;
using System.Text.Json;
using Descent.Cli.Bench;

namespace Descent.Cli.Commands;

/// <summary><c>descent bench plan</c>: what plans predict beside what runs take.</summary>
internal static class BenchPlanCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var files = new Argument<string[]>("RUN.yaml") { Description = "Run files.", Arity = ArgumentArity.OneOrMore };
        var steps = new Option<int>("--steps") { Description = "Steps of each run.", DefaultValueFactory = _ => 12 };
        var json = new Option<bool>("--json") { Description = "Print the figures as JSON." };
        steps.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 5 or > 10_000)
            {
                result.AddError($"--steps is {result.GetValueOrDefault<int>()}; allowed: 5 to 10000");
            }
        });
        var command = new DescentCommand(
            "plan",
            "Plans run files under four settings each, trains each in a process of its own, and compares predicted peak memory and step time with the measured ones.",
            """
            descent bench plan gpt.yaml cnn.yaml
            """)
        {
            files,
            steps,
            json,
        };
        command.SetAction(parsed =>
        {
            IReadOnlyList<PlanComparison> comparisons = PlanBench.Run(parsed.GetRequiredValue(files), parsed.GetValue(steps), Console.Error.WriteLine);
            if (parsed.GetValue(json))
            {
                Console.WriteLine(JsonSerializer.Serialize(comparisons, BenchJson.Default.IReadOnlyListPlanComparison));
            }
            else
            {
                Console.WriteLine(FormattableString.Invariant(
                    $"{comparisons.Count} runs: memory off by at most {comparisons.Max(static c => Math.Abs(c.MemoryError)):P1}, time by at most {comparisons.Max(static c => Math.Abs(c.TimeError)):P1}"));
            }

            return ExitCode.Done;
        });
        return command;
    }
}
