namespace Descent.Cli.Bench;

/// <summary>The memory of a long run early and at its end.</summary>
/// <param name="Run">The run file's name.</param>
/// <param name="Settings">How it spends memory.</param>
/// <param name="EarlyStep">The step of <paramref name="EarlyBytes"/>.</param>
/// <param name="EarlyBytes">Bytes of the process then.</param>
/// <param name="LastStep">The step of <paramref name="LastBytes"/>.</param>
/// <param name="LastBytes">Bytes of the process at the end.</param>
internal sealed record LeakFigures(string Run, string Settings, long EarlyStep, double EarlyBytes, long LastStep, double LastBytes)
{
    /// <summary>Bytes at the end over those early, less one.</summary>
    public double Growth => (LastBytes / EarlyBytes) - 1;
}

/// <summary>Trains a run file for long under several settings, each in a process of its own, and looks whether its memory grows.</summary>
internal static class LeakBench
{
    private static readonly (string Name, string[] Settings)[] Variants =
    [
        ("speed", ["memory.prefer=speed"]),
        ("memory", ["memory.prefer=memory"]),
        ("disk, in_backward, int8", ["memory.disk=both", "memory.folder={folder}", "memory.update=in_backward", "optimizer.state=int8"]),
    ];

    /// <param name="files">Run files.</param>
    /// <param name="steps">Steps of each run; memory is compared with that after a tenth of them.</param>
    /// <param name="progress">Is told each run's figures.</param>
    public static IReadOnlyList<LeakFigures> Run(IReadOnlyList<string> files, int steps, Action<string> progress)
    {
        var all = new List<LeakFigures>();
        foreach (string file in files)
        {
            foreach ((string name, string[] settings) in Variants)
            {
                IReadOnlyList<MeasuredStep> measured = MeasuredRun.Train(file, settings, steps);
                MeasuredStep early = measured[Math.Min(measured.Count, steps / 10) - 1];
                MeasuredStep last = measured[^1];
                var figures = new LeakFigures(Path.GetFileNameWithoutExtension(file), name, early.Step, early.Memory, last.Step, last.Memory);
                all.Add(figures);
                progress(FormattableString.Invariant(
                    $"{figures.Run,-12} {name,-24} {early.Memory / 1e6,7:F1} MB after {early.Step} steps, {last.Memory / 1e6,7:F1} after {last.Step} ({figures.Growth:+0.00%;-0.00%})"));
            }
        }

        return all;
    }
}
