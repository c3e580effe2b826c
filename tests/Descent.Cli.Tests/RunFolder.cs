using Descent.Training;

namespace Descent.Cli.Tests;

/// <summary>Writes folders of runs as a trainer leaves them.</summary>
internal static class RunFolder
{
    public static string Write(TemporaryFolder folder, string name, Action<MetricsFile> events, RunStarted? started = null)
    {
        string directory = folder[name];
        using var file = new MetricsFile(Path.Combine(directory, "metrics.jsonl"));
        file.OnStarted(started ?? Events.Started());
        events(file);
        return directory;
    }

    /// <summary>A run of 40 steps with a validation and a sample now and then.</summary>
    public static string WriteUsual(TemporaryFolder folder, string name) => Write(folder, name, file =>
    {
        file.OnSample(new SampleReport(0, "Once", "qzx"));
        for (int step = 1; step <= 40; step++)
        {
            file.OnStep(Events.Step(step));
            if (step % 10 == 0)
            {
                file.OnValidated(Events.Validation(step, 5.0 / step, best: true));
            }
        }

        file.OnSample(new SampleReport(40, "Once", " upon a time"));
        file.OnStopped(Events.Stopped(40) with { BestMetric = 0.125 });
    });
}
