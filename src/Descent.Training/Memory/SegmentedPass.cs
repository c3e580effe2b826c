using Descent.Training.Losses;
using Descent.Training.Models;
using static TorchSharp.torch;

namespace Descent.Training.Memory;

/// <summary>
/// Forward and backward of one micro-batch, segment by segment: each has a graph of its own, from its input to its output, that backward frees before it goes on to the
/// segment before. The first segments may keep nothing but their input, and be run again in backward.
/// </summary>
/// <remarks>
/// The gradients are those of one graph over all segments, bit for bit: every segment draws its dropout from a seed of its own, and BatchNorm's running statistics
/// take in the first run alone (Chen et al. 2016, arXiv 1604.06174).
/// </remarks>
internal sealed class SegmentedPass(Model model, Loss loss, long seed, int recompute, SegmentStorage? storage = null)
{
    private readonly IReadOnlyList<nn.Module<Tensor, Tensor>> _segments = model.Segments;
    private readonly int _recomputed = Math.Min(recompute, model.Segments.Count - 1);
    private readonly bool[] _hasBuffers = [.. model.Segments.Select(static segment => segment.named_buffers(include_nonpersistent: false).Any())];
    private readonly bool[] _differentiable = Differentiable(model);

    /// <summary>Adds the gradients of the summed loss to those of the parameters.</summary>
    /// <param name="batch">The inputs.</param>
    /// <param name="targets">Their targets.</param>
    /// <param name="step">The step, from 0.</param>
    /// <param name="microBatch">The micro-batch in it, from 0.</param>
    /// <param name="forwarded">Is told the loss before backward begins; false leaves backward out. Default: nobody.</param>
    /// <param name="done">Is told the number of a segment whose backward is over; false ends backward there. Default: nobody.</param>
    /// <returns>The loss; its graph is used up.</returns>
    public LossValue Run(Tensor batch, Tensor targets, long step, long microBatch, Func<LossValue, bool>? forwarded = null, Func<int, bool>? done = null)
    {
        int last = _segments.Count - 1;
        var inputs = new Tensor[last];
        var outputs = new Tensor?[last];
        Tensor next = batch;
        for (int i = 0; i < last; i++)
        {
            bool keep = i >= _recomputed;
            inputs[i] = Leaf(next, i, keep);
            storage?.PrefetchParameters(i + 1);
            next = Forward(i, inputs[i], keep);
            outputs[i] = keep ? next : null;
            storage?.ReleaseParameters(i);
        }

        Tensor? gradient;
        LossValue value;
        using (Tensor body = Leaf(next, last, keep: true))
        {
            Seed(last);
            storage?.Prefetch(last);
            storage?.Prefetch(last - 1);
            value = loss.ComputeFromBody(model, body, targets);
            bool wanted = forwarded?.Invoke(value) ?? true;
            if (wanted && value.Sum.requires_grad)
            {
                BackwardPass.Run(value.Sum);
            }

            gradient = wanted && (done?.Invoke(last) ?? true) ? body.grad : null;
            storage?.Release(last);
        }

        for (int i = last - 1; i >= 0; i--)
        {
            Tensor? incoming = gradient;
            storage?.Prefetch(i - 1);
            gradient = incoming is null ? null : Backward(i, inputs[i], outputs[i], incoming);
            outputs[i]?.Dispose();
            inputs[i].Dispose();
            if (incoming is not null && done?.Invoke(i) == false)
            {
                gradient?.Dispose();
                gradient = null;
            }

            storage?.Release(i);
        }

        return value;

        void Seed(int segment) => manual_seed(RandomStream.OfSegment(seed, step, microBatch, segment));

        Tensor Forward(int i, Tensor input, bool keep)
        {
            using IDisposable? noGraph = keep ? null : no_grad();
            Seed(i);
            return _segments[i].call(input);
        }

        Tensor? Backward(int i, Tensor input, Tensor? output, Tensor gradient)
        {
            using (gradient)
            {
                if (output is not null)
                {
                    return Propagate(input, output, gradient);
                }

                // Put back after backward, which looks whether anybody changed what it was computed from.
                using BufferSnapshot? buffers = _hasBuffers[i] ? new BufferSnapshot(_segments[i]) : null;
                using Tensor leaf = Leaf(input, i, keep: true);
                using Tensor again = Forward(i, leaf, keep: true);
                return Propagate(leaf, again, gradient);
            }
        }
    }

    private static Tensor? Propagate(Tensor input, Tensor output, Tensor gradient)
    {
        if (!output.requires_grad)
        {
            return null;
        }

        BackwardPass.Run(output, gradient);
        return input.grad;
    }

    /// <summary>The same memory as a leaf of a segment's graph.</summary>
    private Tensor Leaf(Tensor input, int segment, bool keep)
    {
        Tensor leaf = input.detach();
        return keep && _differentiable[segment] && leaf.is_floating_point() ? leaf.requires_grad_() : leaf;
    }

    /// <summary>Whether a segment's input depends on a trained parameter.</summary>
    internal static bool[] Differentiable(Model model)
    {
        var differentiable = new bool[model.Segments.Count];
        for (int i = 1; i < differentiable.Length; i++)
        {
            differentiable[i] = differentiable[i - 1] || model.Segments[i - 1].parameters().Any(static parameter => parameter.requires_grad);
        }

        return differentiable;
    }
}
