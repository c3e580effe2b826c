using Descent.Optimizers;
using Descent.Training.Configuration;
using Descent.Training.Data;
using Descent.Training.Models;

namespace Descent.Training.Probing;

/// <summary>A few steps of training whose weights are of no use afterwards: nothing is written, validated or averaged.</summary>
internal static class ProbeRun
{
    /// <summary>Trains with rates that go from <paramref name="first"/> to <paramref name="last"/>.</summary>
    public static RunStopped Train(Model model, DataSplit data, int batchSize, TrainingOptions options, double first, double last, long steps, ITrainingObserver? observer, CancellationToken cancellation)
    {
        double rate = options.Optimizer.LearningRate;
        if (options.Optimizer is LbfgsOptions || rate <= 0)
        {
            throw new BadInputException(options.Optimizer is LbfgsOptions
                ? "optimizer.kind is lbfgs, which finds the length of its steps by itself; take another optimizer to test rates"
                : "optimizer.learning_rate is 0, and the groups' rates stand in proportion to it; give one above 0");
        }

        using var trainer = new Trainer(model, data, batchSize, options with
        {
            Schedule = new ProbeSchedule(first / rate, last / rate),
            Schedules = new Dictionary<string, ScheduledValue>(),
            Groups = [.. options.Groups.Select(static group => group with { Schedule = null })],
            Stop = new StopOptions { Steps = steps },
            Average = new NoAverageOptions(),
            Validation = options.Validation with { EverySteps = 0, Batches = 1 },
            Sample = options.Sample with { Tokens = 0 },
            Memory = options.Memory with { IsPlanned = true },
        })
        {
            Observers = observer is null ? [] : [observer],
            Description = new RunDescription { Configuration = "" },
        };
        return trainer.Run(cancellation);
    }
}
