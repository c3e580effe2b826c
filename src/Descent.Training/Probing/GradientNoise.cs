using Descent.Torch;
using Descent.Training.Configuration;
using Descent.Training.Data;
using Descent.Training.Losses;
using Descent.Training.Memory;
using Descent.Training.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Descent.Training.Probing;

/// <summary>
/// Measures the simple gradient noise scale, tr Σ ÷ |G|²: up to about that batch size, twice the batch saves half the steps; far beyond it, it saves nothing.
/// </summary>
/// <remarks>
/// McCandlish, Kaplan, Amodei, "An Empirical Model of Large-Batch Training", arXiv 1812.06162, appendix A.1: from the squared norms of gradients of a small batch b and a big one B,
/// |G|² ≈ (B|G_B|² − b|G_b|²) ÷ (B − b) and tr Σ ≈ (|G_b|² − |G_B|²) ÷ (1/b − 1/B), both without bias and averaged before they are divided. Here the big batch is made of the small ones. The interval is a
/// jackknife over the windows, on the logarithm. The scale grows in training as the gradient shrinks: it belongs to the weights it was measured at.
/// </remarks>
public static class GradientNoise
{
    private const int Parts = 8;

    // Two-sided 90 % of a normal distribution.
    private const double Quantile = 1.645;

    /// <summary>Measures at the present weights, which stay as they are; BatchNorm's running statistics don't.</summary>
    /// <param name="model">The model.</param>
    /// <param name="data">The data.</param>
    /// <param name="batchSize">Samples in a batch of the training.</param>
    /// <param name="options">How it is trained.</param>
    /// <param name="windows">Big batches to look at, at least 4.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>The scale; null: there are too few samples to tell.</returns>
    /// <exception cref="ArgumentOutOfRangeException">Too few windows.</exception>
    public static NoiseScale? Measure(Model model, DataSplit data, int batchSize, TrainingOptions options, int windows = 16, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(windows, 4);

        // A big batch that is a large part of all samples has less noise than one of many: half of them at most.
        int small = (int)Math.Min(batchSize, data.Training.Count / (2 * Parts));
        if (small < 1)
        {
            return null;
        }

        using FusedOptimizer optimizer = FusedOptimizer.Create(Routes.Of(model, options).Groups);
        Loss loss = (options.Loss ?? LossCatalog.DefaultFor(data.Training.Shape.Task)).Build();
        var pass = new SegmentedPass(model, loss, options.Seed, options.Memory.Recompute);
        using var loader = new BatchLoader(data.Training, small, options.Seed);
        Tensor[] parameters = [.. model.parameters().Where(static parameter => parameter.requires_grad)];
        List<(double Gradient, double Noise)> found = [];
        model.train();
        for (int window = 0; window < windows; window++)
        {
            cancellation.ThrowIfCancellationRequested();
            using DisposeScope scope = NewDisposeScope();
            Tensor[] sums = [.. parameters.Select(static Tensor (Tensor parameter) => zeros(parameter.shape, ScalarType.Float32))];
            (double smallSquare, long targets) = (0, 0);
            for (int part = 0; part < Parts; part++)
            {
                using DisposeScope inner = NewDisposeScope();
                optimizer.zero_grad();
                using Batch batch = loader.Next();
                using LossValue value = pass.Run(batch.Inputs, batch.Targets, window, part);
                smallSquare += Add(parameters, sums) / ((double)Math.Max(1, value.Count) * Math.Max(1, value.Count)) / Parts;
                targets += value.Count;
            }

            double bigSquare = sums.Sum(Square) / ((double)Math.Max(1, targets) * Math.Max(1, targets));
            double big = Parts * (double)small;
            found.Add((((big * bigSquare) - (small * smallSquare)) / (big - small), (smallSquare - bigSquare) / ((1.0 / small) - (1 / big))));
        }

        optimizer.zero_grad();
        return Judge(found, small, Parts * small);
    }

    /// <summary>The ratio of the windows' means, and its interval.</summary>
    internal static NoiseScale Judge(IReadOnlyList<(double Gradient, double Noise)> windows, int small, int big)
    {
        int n = windows.Count;
        double[] left = [.. Enumerable.Range(0, n).Select(skip => Ratio(windows.Where((_, index) => index != skip)))];
        double all = Ratio(windows);
        if (!double.IsFinite(all) || !left.All(double.IsFinite))
        {
            // The gradient drowns in some of the windows: it is above what would have shown.
            return new NoiseScale(all, double.IsFinite(all) ? Math.Min(all, left.Min()) : big, double.PositiveInfinity, small, big, n);
        }

        double[] logs = [.. left.Select(static value => Math.Log(value))];
        double mean = logs.Average();
        double error = Math.Sqrt((n - 1.0) / n * logs.Sum(log => (log - mean) * (log - mean)));
        return new NoiseScale(all, all * Math.Exp(-Quantile * error), all * Math.Exp(Quantile * error), small, big, n);
    }

    private static double Ratio(IEnumerable<(double Gradient, double Noise)> windows)
    {
        (double gradient, double noise) = (0, 0);
        foreach ((double g, double s) in windows)
        {
            (gradient, noise) = (gradient + g, noise + s);
        }

        return gradient > 0 ? Math.Max(noise / gradient, 1e-9) : double.PositiveInfinity;
    }

    /// <summary>Adds the gradients to their sums; returns their squared norm.</summary>
    private static double Add(Tensor[] parameters, Tensor[] sums)
    {
        double square = 0;
        for (int i = 0; i < parameters.Length; i++)
        {
            if (parameters[i].grad is { } gradient)
            {
                using Tensor wide = gradient.to_type(ScalarType.Float32);
                sums[i].add_(wide);
                square += Square(wide);
            }
        }

        return square;
    }

    private static double Square(Tensor values)
    {
        // Differences of squares are what is measured: in double.
        using Tensor wide = values.to_type(ScalarType.Float64);
        using Tensor norm = linalg.vector_norm(wide, 2);
        double length = norm.item<double>();
        return length * length;
    }
}
