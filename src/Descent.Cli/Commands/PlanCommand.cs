using System.CommandLine;
using System.Text.Json;
using Descent.Training.Configuration;
using Descent.Training.Memory;

namespace Descent.Cli.Commands;

/// <summary><c>descent plan</c>: what a run will take, and the settings that fit.</summary>
internal static class PlanCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        Argument<string?> file = TrainCommand.FileArgument();
        Option<string?> memory = TrainCommand.MemoryOption();
        Option<string?> data = TrainCommand.DataOption();
        Option<string[]> settings = TrainCommand.SettingsOption();
        var all = new Option<bool>("--all") { Description = "Show all settings, not only those that no other beats in both memory and time." };
        var json = new Option<bool>("--json") { Description = "Print the plan as JSON." };
        var command = new DescentCommand(
            "plan",
            "Measures a model's segments for some seconds and predicts peak memory and time of a step for every setting; names the fastest that fits.",
            """
            descent plan run.yaml
            descent plan run.yaml --memory 4GiB
            descent plan run.yaml --memory 2GiB --set memory.allow_rounding=true --all
            """)
        {
            file,
            memory,
            data,
            settings,
            all,
            json,
        };
        command.SetAction(parsed =>
        {
            RunConfiguration configuration = RunFile.Load(parsed.GetValue(file), TrainCommand.Overrides(parsed, data, memory, seed: null, settings));
            MemoryPlan plan = Plan.Of(configuration, new Preparation(Console.Error));
            if (parsed.GetValue(json))
            {
                Console.WriteLine(JsonSerializer.Serialize(plan, PlanJson.Default.MemoryPlan));
            }
            else
            {
                PlanTable.Print(Console.Out, plan, parsed.GetValue(all));
            }

            return plan.Chosen is null ? ExitCode.BadInput : ExitCode.Done;
        });
        return command;
    }
}
