using Descent.Training.Configuration;
using Descent.Training.Data;
using Descent.Training.Losses;
using Descent.Training.Models;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Descent.Training.Memory;

/// <summary>How much more the C library's heap takes than what lives in it, where freed blocks are kept: whole passes, beside their prediction.</summary>
internal static class FragmentProbe
{
    // The heap grows for some steps until every block finds a hole.
    private const int Rounds = 5;

    /// <summary>Where it can't be measured: what transformers had.</summary>
    public const double Usual = 1.5;

    /// <summary>
    /// Bytes above parameters and gradients in whole passes. To be measured in a heap as a run finds it: what other measurements leave behind has holes for everything.
    /// </summary>
    public static long Measure(Model model, Loss loss, TrainingOptions options, Batch batch)
    {
        var pass = new SegmentedPass(model, loss, options.Seed, recompute: 0);
        using var buffers = new BufferSnapshot(model);
        Reading reading = default;
        long before = ProcessMemory.Read().Resident;
        reading = Meter.Measure(() =>
        {
            for (int round = 0; round < Rounds; round++)
            {
                using DisposeScope scope = NewDisposeScope();
                using LossValue value = pass.Run(batch.Inputs, batch.Targets, 0, round);
            }
        });

        // What stays is gradients, and what libraries load and compile.
        long settled = Meter.Settled();
        foreach (Parameter parameter in model.parameters())
        {
            parameter.grad?.Dispose();
            parameter.grad = null;
        }

        return Math.Max(0, before + reading.Peak - settled);
    }

    /// <summary>Resident over predicted, at least 1.</summary>
    /// <param name="measured">What <see cref="Measure"/> found.</param>
    /// <param name="costs">The segments that it ran.</param>
    public static double Ratio(long measured, SegmentCost[] costs)
    {
        long predicted = Predicted(costs);
        return predicted == 0 ? 1 : Math.Max(1, measured / (double)predicted);
    }

    /// <summary>Activations, loss and workspace of one pass that keeps all, gradients left out.</summary>
    public static long Predicted(SegmentCost[] costs)
    {
        var facts = new ForecastFacts
        {
            Process = 0,
            Segments = (_, _, _) => costs,
            States = (_, _) => new long[costs.Length],
            Update = static (_, _, _) => default,
        };
        MemoryBreakdown peak = Forecast.Of(facts, new PlannedSettings { BatchSize = 1 }).Peak;
        return peak.Activations + peak.Loss + peak.Workspace;
    }
}
