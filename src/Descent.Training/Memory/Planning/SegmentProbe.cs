using System.Diagnostics;
using Descent.Training.Data;
using Descent.Training.Losses;
using Descent.Training.Models;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Descent.Training.Memory;

/// <summary>Runs the segments of a model one by one, forward and backward, and measures what each takes. Parameters and buffers stay as they are.</summary>
internal sealed class SegmentProbe(Model model, Loss loss)
{
    // The first round compiles, fills caches of kernels and makes pools; of the others the fastest counts.
    private const int LeastRounds = 4;

    private bool _exact;

    private readonly bool[] _differentiable = SegmentedPass.Differentiable(model);

    /// <summary>Measures at the size of a batch.</summary>
    /// <param name="batch">A batch of the data.</param>
    /// <param name="exact">Whether memory is measured; otherwise time.</param>
    public SegmentCost[] Measure(Batch batch, bool exact)
    {
        _exact = exact;
        using var buffers = new BufferSnapshot(model);
        int last = model.Segments.Count - 1;
        ILookup<int, Parameter> owned = SegmentOwners.Of(model).ToLookup(static entry => entry.Segment, static entry => entry.Parameter);
        var costs = new SegmentCost[last + 1];
        model.train();
        long start = Stopwatch.GetTimestamp();
        for (int round = 0; exact ? round < 3 : !Meter.IsEnough(round, LeastRounds, start); round++)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor input = batch.Inputs;
            for (int i = 0; i <= last; i++)
            {
                SegmentCost cost = i < last ? Hidden(i, ref input) : Head(i, input, batch.Targets);
                costs[i] = round < 2 ? cost : Fastest(costs[i], cost);
                GradientSink.Free(model.Segments[i].parameters());
            }
        }

        return [.. costs.Select((cost, i) => cost with
        {
            Parameters = owned[i].Sum(static parameter => parameter.numel() * parameter.element_size()),
            Elements = owned[i].Sum(static parameter => parameter.numel()),
            Read = model.Segments[i].parameters().Sum(static parameter => parameter.numel() * parameter.element_size()),
        })];
    }

    private SegmentCost Hidden(int i, ref Tensor input)
    {
        nn.Module<Tensor, Tensor> segment = model.Segments[i];
        Tensor leaf = Leaf(input, i);
        Tensor? output = null;
        Reading inference = Meter.Measure(() =>
        {
            using IDisposable noGraph = no_grad();
            manual_seed(i);
            output = segment.call(leaf);
        }, _exact);
        output!.Dispose();
        Reading forward = Meter.Measure(() =>
        {
            manual_seed(i);
            output = segment.call(leaf);
        }, _exact);
        long bytes = output.numel() * output.element_size();
        using Tensor gradient = full_like(output.detach(), 1.0 / output.numel());
        Reading backward = default;
        if (output.requires_grad)
        {
            backward = Meter.Measure(() => BackwardPass.Run(output, gradient), _exact);
        }

        using (Tensor? incoming = leaf.requires_grad ? leaf.grad : null)
        {
            input = output.detach();
        }

        output.Dispose();
        return new SegmentCost
        {
            Output = bytes,
            Kept = Math.Max(bytes, forward.Left),
            ForwardPeak = forward.Peak,
            InferencePeak = inference.Peak,
            BackwardPeak = backward.Peak,
            ForwardSeconds = forward.Seconds,
            InferenceSeconds = inference.Seconds,
            BackwardSeconds = backward.Seconds,
        };
    }

    /// <summary>The last segment with the loss: forward and backward in one, as a pass does it.</summary>
    private SegmentCost Head(int i, Tensor input, Tensor targets)
    {
        using Tensor leaf = Leaf(input, i);
        Reading inference = Meter.Measure(() =>
        {
            using IDisposable noGraph = no_grad();
            using LossValue value = loss.ComputeFromBody(model, leaf, targets);
            _ = value.Mean;
        }, _exact);
        Reading both = Meter.Measure(() =>
        {
            manual_seed(i);
            using LossValue value = loss.ComputeFromBody(model, leaf, targets);
            if (value.Sum.requires_grad)
            {
                BackwardPass.Run(value.Sum);
            }

            _ = value.Mean;
        }, _exact);
        using (Tensor? gradient = leaf.requires_grad ? leaf.grad : null)
        {
            return new SegmentCost { InferencePeak = inference.Peak, BackwardPeak = both.Peak, BackwardSeconds = both.Seconds, InferenceSeconds = inference.Seconds };
        }
    }

    private static SegmentCost Fastest(SegmentCost a, SegmentCost b) => a with
    {
        ForwardSeconds = Math.Min(a.ForwardSeconds, b.ForwardSeconds),
        InferenceSeconds = Math.Min(a.InferenceSeconds, b.InferenceSeconds),
        BackwardSeconds = Math.Min(a.BackwardSeconds, b.BackwardSeconds),
        Kept = Math.Min(a.Kept, b.Kept),
        ForwardPeak = Math.Min(a.ForwardPeak, b.ForwardPeak),
        InferencePeak = Math.Min(a.InferencePeak, b.InferencePeak),
        BackwardPeak = Math.Min(a.BackwardPeak, b.BackwardPeak),
    };

    private Tensor Leaf(Tensor input, int segment)
    {
        Tensor leaf = input.detach();
        return _differentiable[segment] && leaf.is_floating_point() ? leaf.requires_grad_() : leaf;
    }
}
