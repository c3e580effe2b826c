using Descent.Optimizers;
using Descent.Torch;
using TorchSharp;
using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace OptimizerPages;

/// <summary>A rule's way down Rosenbrock's valley, (1 − x)² + 100(y − x²)², from (−1.2, 1), at the best of a row of learning rates.</summary>
internal sealed record RosenbrockPath(double Rate, (double X, double Y)[] Points, double Value)
{
    private const int Steps = 400;
    private static readonly double[] Rates = [.. Enumerable.Range(0, 23).Select(static i => 1e-5 * Math.Pow(10, i / 4.0))];

    /// <summary>The mean of log f on the way: a fast and quiet descent is best, not one that ends lucky.</summary>
    private double Length { get; init; } = double.MaxValue;

    public static RosenbrockPath Of(OptimizerOptions options) =>
        Rates.Select(rate => Run(options with { LearningRate = rate, WeightDecay = 0 }, rate)).MinBy(static path => path.Length)!;

    private static RosenbrockPath Run(OptimizerOptions options, double rate)
    {
        using DisposeScope scope = NewDisposeScope();
        using var parameter = new Parameter(tensor([-1.2, 1.0]).reshape(1, 2));
        using FusedOptimizer optimizer = FusedOptimizer.Create([("x", parameter)], options);
        var points = new List<(double, double)>();
        double value = 0, logs = 0;
        for (int step = 0; step <= Steps; step++)
        {
            double[] at = [.. parameter.data<double>()];
            (double x, double y) = (at[0], at[1]);
            value = Math.Pow(1 - x, 2) + (100 * Math.Pow(y - (x * x), 2));
            if (!double.IsFinite(value) || Math.Abs(x) > 1e3)
            {
                return new RosenbrockPath(rate, [.. points], double.PositiveInfinity);
            }

            points.Add((x, y));
            logs += Math.Log(value + 1e-12);
            double slope = 200 * (y - (x * x));
            parameter.grad = tensor([(-2 * (1 - x)) - (2 * x * slope), slope]).reshape(1, 2);
            optimizer.step();
        }

        return new RosenbrockPath(rate, [.. points], value) { Length = logs / points.Count };
    }
}
