using System.Diagnostics;
using Descent.Optimizers;
using Descent.Training;
using Descent.Training.Configuration;
using Descent.Training.Data;
using Descent.Training.Initialization;
using Descent.Training.Memory;
using Descent.Training.Models;
using static TorchSharp.torch;

namespace Descent.Cli.Bench;

/// <summary>Trains by one variant in this process and measures it.</summary>
internal static class TrainWorker
{
    public static TrainMeasurement Run(TrainVariant variant, TrainWorkload work)
        => variant switch
        {
            TrainVariant.Plain => Plain(work),
            TrainVariant.Speed => Descent(work, new MemoryOptions { Prefer = MemoryPreference.Speed }),
            TrainVariant.Memory => Descent(work, new MemoryOptions { Prefer = MemoryPreference.Memory }),
            TrainVariant.Small => Descent(work, new MemoryOptions { Prefer = MemoryPreference.Speed, Update = UpdateMoment.InBackward }, StateFormat.Int8),
            _ => Descent(
                work,
                new MemoryOptions { Prefer = MemoryPreference.Memory, Update = UpdateMoment.InBackward, Recompute = TrainWorkload.Layers + 1, Parameters = ParameterFormat.Bfloat16 },
                StateFormat.Int8),
        };

    private static TrainMeasurement Plain(TrainWorkload work)
    {
        manual_seed(1);
        using var model = new PlainGpt(TrainWorkload.Vocabulary, TrainWorkload.Positions, TrainWorkload.Width, TrainWorkload.Heads, TrainWorkload.Layers);
        using var optimizer = optim.AdamW(model.parameters(), TrainWorkload.LearningRate, weight_decay: TrainWorkload.WeightDecay);
        using var loader = new BatchLoader(work.RandomTokens(), work.Batch, seed: 1);
        var times = new List<double>();
        float loss = 0;
        for (int step = 0; step < work.WarmUp + work.Steps; step++)
        {
            long start = Stopwatch.GetTimestamp();
            using Batch batch = loader.Next();
            loss = model.Step(optimizer, batch.Inputs, batch.Targets);
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        return Result(times, work, model.parameters().Sum(parameter => parameter.NumberOfElements), loss);
    }

    private static TrainMeasurement Descent(TrainWorkload work, MemoryOptions memory, StateFormat states = StateFormat.Float32)
    {
        var data = new DataSplit { Training = work.RandomTokens(), Validation = work.RandomTokens(), Description = "random tokens", Fingerprint = new string('0', 64) };
        using Model model = GptOptions.Gpt2.Build(data.Training.Shape, memory);
        new InitializationOptions().Apply(model, seed: 1);
        var stopwatch = new StepStopwatch();
        using var trainer = new Trainer(model, data, work.Batch, new TrainingOptions
        {
            Optimizer = new AdamWOptions { LearningRate = TrainWorkload.LearningRate, WeightDecay = TrainWorkload.WeightDecay, StateFormat = states },
            Stop = new StopOptions { Steps = work.WarmUp + work.Steps },
            Validation = new ValidationOptions { EverySteps = 0, Batches = 1 },
            Memory = memory,
        })
        {
            Observers = [stopwatch],
        };
        trainer.Run();
        return Result(stopwatch.Milliseconds, work, model.parameters().Sum(parameter => parameter.NumberOfElements), stopwatch.Loss);
    }

    private static TrainMeasurement Result(List<double> times, TrainWorkload work, long parameters, double loss)
        => new([.. times.Skip(work.WarmUp)], ProcessMemory.Read().Peak, parameters, loss);

    /// <summary>The time from one step's end to the next one's.</summary>
    private sealed class StepStopwatch : ITrainingObserver
    {
        private long _last;

        public List<double> Milliseconds { get; } = [];

        public double Loss { get; private set; }

        public void OnStarted(RunStarted started) => _last = Stopwatch.GetTimestamp();

        public void OnStep(StepReport step)
        {
            long now = Stopwatch.GetTimestamp();
            Milliseconds.Add(Stopwatch.GetElapsedTime(_last, now).TotalMilliseconds);
            _last = now;
            Loss = step.Loss;
        }
    }
}
