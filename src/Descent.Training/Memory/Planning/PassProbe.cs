using System.Diagnostics;
using Descent.Training.Data;
using Descent.Training.Losses;
using Descent.Training.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Descent.Training.Memory;

/// <summary>How much longer a whole pass takes than its segments one by one, whose input and weights a cache still holds.</summary>
internal static class PassProbe
{
    private const int LeastRounds = 4;

    /// <summary>The time of a pass over that of its segments; gradients are added to those of the round before, as in training.</summary>
    public static double Measure(Model model, Loss loss, long seed, Batch batch, SegmentCost[] segments)
    {
        var pass = new SegmentedPass(model, loss, seed, recompute: 0);
        using var buffers = new BufferSnapshot(model);
        double fastest = double.PositiveInfinity;
        long start = Stopwatch.GetTimestamp();
        for (int round = 0; !Meter.IsEnough(round, LeastRounds, start); round++)
        {
            Reading reading = Meter.Measure(() =>
            {
                using DisposeScope scope = NewDisposeScope();
                using LossValue value = pass.Run(batch.Inputs, batch.Targets, 0, 0);
                _ = value.Mean;
            });
            fastest = round == 0 ? fastest : Math.Min(fastest, reading.Seconds);
        }

        GradientSink.Free(model.parameters());
        return Math.Max(1, fastest / segments.Sum(static segment => segment.ForwardSeconds + segment.BackwardSeconds));
    }
}
