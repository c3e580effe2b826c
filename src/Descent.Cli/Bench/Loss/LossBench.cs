using Descent.Torch;
using Descent.Training.Losses;
using Descent.Training.Memory;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Descent.Cli.Bench;

/// <summary>Figures of one way to compute head and loss, forward and backward: bytes above what was there, median milliseconds, and the loss.</summary>
internal sealed record LossFigures(string Variant, double PeakBytes, double Milliseconds, double Loss);

/// <summary>The head of a language model with its cross entropy: by libtorch's operators with whole logits, and in chunks.</summary>
internal static class LossBench
{
    /// <param name="tokens">Rows: batch times context.</param>
    /// <param name="width">Features a row.</param>
    /// <param name="vocabulary">Classes.</param>
    /// <param name="rounds">Measurements of each, in turns.</param>
    public static LossFigures[] Run(int tokens, int width, int vocabulary, int rounds)
    {
        using DisposeScope scope = NewDisposeScope();
        manual_seed(1);
        using Tensor features = randn(tokens, width);
        using var weight = new Parameter(randn(vocabulary, width) * 0.02);
        using Tensor targets = randint(0, vocabulary, tokens, ScalarType.Int64);

        // Gradients are there from the step before, as in training.
        using Tensor gradient = zeros_like(weight);
        weight.grad = gradient;
        (string Name, Func<Tensor, Tensor> Loss)[] variants =
        [
            ("whole logits", leaf => nn.functional.cross_entropy(nn.functional.linear(leaf, weight), targets, reduction: nn.Reduction.Sum)),
            ("chunks", leaf => LinearCrossEntropy.Sum(leaf, weight, targets)),
        ];
        var times = variants.ToDictionary(static variant => variant.Name, static _ => new List<double>());
        var peaks = new Dictionary<string, double>();
        var losses = new Dictionary<string, double>();
        _ = NativeAllocator.ReturnFreedBlocks();
        for (int round = 0; round <= rounds; round++)
        {
            foreach ((string name, Func<Tensor, Tensor> loss) in variants)
            {
                Reading memory = Meter.Measure(() => losses[name] = Once(features, loss), exact: true);
                peaks[name] = memory.Peak;
                _ = NativeAllocator.KeepFreedBlocks();
                double time = Meter.Measure(() => Once(features, loss)).Seconds;
                _ = NativeAllocator.ReturnFreedBlocks();
                if (round > 0)
                {
                    times[name].Add(time * 1e3);
                }
            }
        }

        return [.. variants.Select(variant => new LossFigures(variant.Name, peaks[variant.Name], times[variant.Name].Order().ElementAt(rounds / 2), losses[variant.Name] / tokens))];
    }

    private static double Once(Tensor features, Func<Tensor, Tensor> loss)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor leaf = features.detach().requires_grad_();
        Tensor sum = loss(leaf);
        autograd.backward([sum]);
        return sum.item<float>();
    }
}
