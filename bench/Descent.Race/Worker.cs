using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Descent.Training;
using Descent.Training.Configuration;
using Descent.Training.Data;
using Descent.Training.Models;
using TorchSharp;

namespace Descent.Race;

/// <summary>A process that does runs one after the other: jobs come in as JSON lines, results go out as JSON lines. The data is opened once.</summary>
internal static class Worker
{
    private static readonly Dictionary<string, DataSplit> Data = [];

    public static void Serve()
    {
        torch.set_num_threads(1);
        while (Console.ReadLine() is { } line)
        {
            JobResult result = Run(JsonSerializer.Deserialize<Job>(line, Json.Options)!);
            Console.WriteLine(JsonSerializer.Serialize(result, Json.Options));
        }
    }

    private static JobResult Run(Job job)
    {
        long started = Stopwatch.GetTimestamp();
        string[] overrides =
        [
            .. job.Settings,
            $"seed={job.Seed}",
            $"stop.steps={job.Steps}",
        ];
        RunConfiguration configuration = RunFile.Parse(RaceTask.Named(job.Task).Yaml, job.Contender, overrides);
        if (!Data.TryGetValue(job.Task, out DataSplit? data))
        {
            Data.Add(job.Task, data = configuration.OpenData());
        }

        using Model model = configuration.Model.Build(data.Training.Shape, configuration.Training.Memory);
        configuration.Initialization.Apply(model, configuration.Training.Seed);
        var curve = new Curve();
        using var trainer = new Trainer(model, data, configuration.Data.BatchSize, configuration.Training) { Observers = [curve] };
        RunStopped stopped = trainer.Run();
        bool finished = stopped.Reason != StopReason.NonFinite && trainer.Metrics.TryGetValue("validation/loss", out double loss) && double.IsFinite(loss);
        return new JobResult(
            job,
            finished ? Math.Round(trainer.Metrics["validation/loss"], 5) : null,
            [.. curve.Points],
            Math.Round(Stopwatch.GetElapsedTime(started).TotalSeconds, 1));
    }

    private sealed class Curve : ITrainingObserver
    {
        public List<CurvePoint> Points { get; } = [];

        public void OnValidated(ValidationReport validation)
        {
            double loss = validation.Metrics["validation/loss"];
            if (double.IsFinite(loss))
            {
                Points.Add(new CurvePoint(validation.Step, Math.Round(loss, 5)));
            }
        }
    }
}
