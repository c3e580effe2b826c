using System.CommandLine;

namespace Descent.Cli.Commands;

/// <summary><c>descent bench</c>: this machine's limits, Descent's figures and its peers' side by side, from one run.</summary>
internal static class BenchCommand
{
    /// <summary>The command with its parts.</summary>
    public static Command Create() => new DescentCommand(
        "bench",
        "Measures this machine's limits, Descent and its peers side by side in one run.",
        """
        descent bench step
        descent bench train --json
        descent bench loss
        descent bench plan gpt.yaml cnn.yaml
        descent bench leak gpt.yaml
        """)
    {
        BenchStepCommand.Create(),
        BenchTrainCommand.Create(),
        BenchLossCommand.Create(),
        BenchPlanCommand.Create(),
        BenchLeakCommand.Create(),
    };
}
