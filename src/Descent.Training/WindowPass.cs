using Descent.Torch;
using Descent.Training.Configuration;
using Descent.Training.Data;
using Descent.Training.Losses;
using Descent.Training.Memory;
using Descent.Training.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Descent.Training;

/// <summary>Forward and backward over the micro-batches of one step: afterwards the gradients are those of the summed loss.</summary>
/// <remarks>
/// Losses are summed over counted targets and the gradients divided by their number once, inside the step, so that accumulation equals the large
/// batch for any loss and any number of ignored targets. Dropout draws from a seed of (run, step, micro-batch, segment): a pass needs nothing of the ones before it
/// but the parameters, and a second pass over the same window sees the same noise.
/// </remarks>
internal sealed class WindowPass(Model model, Loss loss, FusedOptimizer optimizer, TrainingOptions options)
{
    private readonly SegmentedPass _pass = new(model, loss, options.Seed, options.Memory.Recompute);

    /// <summary>The next <paramref name="count"/> batches, each freed when the one after it is asked for.</summary>
    public static IEnumerable<Batch> Take(BatchLoader loader, long count)
    {
        for (long micro = 0; micro < count; micro++)
        {
            using Batch batch = loader.Next();
            yield return batch;
        }
    }

    /// <summary>The next <paramref name="count"/> batches, for several passes; they belong to the present dispose scope.</summary>
    public static List<Batch> Keep(BatchLoader loader, long count)
    {
        var batches = new List<Batch>();
        for (long micro = 0; micro < count; micro++)
        {
            batches.Add(loader.Next());
        }

        return batches;
    }

    /// <summary>Replaces the gradients by those of a window, and what <paramref name="window"/> holds by its sums.</summary>
    public void Run(IEnumerable<Batch> batches, long step, WindowSum window)
    {
        window.Clear();
        optimizer.zero_grad();
        long micro = 0;
        foreach (Batch batch in batches)
        {
            using DisposeScope scope = NewDisposeScope();
            using LossValue value = _pass.Run(batch.Inputs, batch.Targets, step, micro++);
            window.Add(value, batch);
        }
    }
}
