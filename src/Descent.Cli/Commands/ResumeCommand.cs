using System.CommandLine;
using Descent.Training;

namespace Descent.Cli.Commands;

/// <summary><c>descent resume</c>: goes on with a run.</summary>
internal static class ResumeCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var run = new Argument<string>("RUN_DIR") { Description = "The folder of the run." };
        Option<string[]> settings = TrainCommand.SettingsOption();
        var command = new DescentCommand(
            "resume",
            "Goes on with a run from its newest good checkpoint; on the CPU exactly as if it had never stopped.",
            """
            descent resume runs/first
            descent resume runs/first --set stop.steps=4000
            """)
        {
            run,
            settings,
        };
        command.SetAction(parsed => Execution.Run((observers, progress) =>
            TrainingRun.Resume(parsed.GetRequiredValue(run), parsed.GetValue(settings), observers, progress)));
        return command;
    }
}
