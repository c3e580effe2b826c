using System.Numerics;
using Descent.Optimizers;

namespace Descent.Testing.Checks;

/// <summary>What a rule for matrices computes.</summary>
internal static class MatrixChecks
{
    /// <summary>Tall, wide, square, a row.</summary>
    public static IReadOnlyList<(int Rows, int Columns)> Shapes { get; } = [(6, 4), (3, 5), (4, 4), (1, 7)];

    /// <summary>Without decay nothing moves; with it parameters shrink by 1 − γλ in every step that moves.</summary>
    public static void ZeroGradientOnlyDecays(MatrixOptions options)
    {
        const int steps = 12;
        const double rate = 0.1, decay = 0.2;
        MatrixOptions plain = options with { LearningRate = rate, WeightDecay = 0 }, decaying = options with { LearningRate = rate, WeightDecay = decay };
        MatrixRule rule = options.CreateRule();
        double factor = 1;
        foreach ((int rows, int columns) in Shapes)
        {
            MatrixProblem<double> kept = new(plain, rows, columns), shrinking = new(decaying, rows, columns), untouched = new(plain, rows, columns);
            factor = 1;
            for (int step = 1; step <= steps; step++)
            {
                kept.Optimizer.Step(kept.Parameter, new double[rows * columns]);
                shrinking.Optimizer.Step(shrinking.Parameter, new double[rows * columns]);
                factor *= rule.Moves(step) ? 1 - (rate * decay) : 1;
            }

            for (int index = 0; index < rows * columns; index++)
            {
                double before = untouched.Parameter[index];
                Require(kept.Parameter[index] == before, $"With a zero gradient and no decay element {index} moved from {before:R} to {kept.Parameter[index]:R}.");

                // A rounding a step.
                Require(
                    Math.Abs(shrinking.Parameter[index] - (before * factor)) <= steps * 2.3e-16 * Math.Abs(before),
                    $"With a zero gradient and decay element {index} went from {before:R} to {shrinking.Parameter[index]:R}, not to {before * factor:R}.");
            }
        }
    }

    public static void MaximizeMirrorsMinimize(MatrixOptions options)
    {
        foreach ((int rows, int columns) in Shapes)
        {
            MatrixProblem<float> down = new(options with { Maximize = false }, rows, columns), up = new(options with { Maximize = true }, rows, columns);
            for (int step = 1; step <= 7; step++)
            {
                down.Optimizer.Step(down.Parameter, down.Gradient(step));
                up.Optimizer.Step(up.Parameter, [.. up.Gradient(step).Select(static element => -element)]);
            }

            up.RequireSameBits(down, "maximizing with negated gradients, against minimizing");
        }
    }

    /// <summary>A power of two, so that scaling here and in the kernel round alike: not at all.</summary>
    public static void ScaleComesBeforeTheRule(MatrixOptions options)
    {
        const double scale = 0.25;
        foreach ((int rows, int columns) in Shapes)
        {
            MatrixProblem<double> inKernel = new(options, rows, columns), before = new(options, rows, columns);
            for (int step = 1; step <= 7; step++)
            {
                inKernel.Optimizer.Step(inKernel.Parameter, inKernel.Gradient(step), scale);
                before.Optimizer.Step(before.Parameter, [.. before.Gradient(step).Select(static element => element * scale)]);
            }

            inKernel.RequireSameBits(before, "scaled by the kernel, against scaled before");
        }
    }

    /// <summary>A rule may spread it over the matrix, but must not lose it: the loss tells nobody else.</summary>
    public static void NonFiniteGradientStaysVisible(MatrixOptions options)
    {
        foreach ((int rows, int columns) in Shapes)
        {
            Poison<float>(options, rows, columns, float.NaN);
            Poison<float>(options, rows, columns, float.PositiveInfinity);
            Poison<double>(options, rows, columns, double.NaN);
            Poison<double>(options, rows, columns, double.NegativeInfinity);
        }
    }

    /// <summary>The element-wise passes of a matrix that is several pieces of work; products are the provider's.</summary>
    public static void SameBitsOnAnyThreads(MatrixOptions options)
    {
        const int rows = 2, columns = 25_000, steps = 3;
        if (options.States.Any(static state => state.Shape?.Invoke(rows, columns) is { } shape && shape.Rows * shape.Columns > rows * columns))
        {
            Threads(options, 160, 210, 1); // squares of the longer side: small enough for plain loops
            return;
        }

        Threads(options, rows, columns, steps);
    }

    /// <summary>½·tr((W − T)ᵀ A (W − T)) with A from 1 to 2, at a rate that falls to zero: what steps of fixed length need to settle.</summary>
    public static void QuadraticGoesDown(MatrixOptions options)
    {
        const int steps = 300;
        const double rate = 0.05;
        MatrixOptions plain = options with { LearningRate = rate, WeightDecay = 0, Maximize = false };
        foreach ((int rows, int columns) in Shapes)
        {
            MatrixProblem<double> problem = new(plain, rows, columns);
            double[] target = MatrixProblem<double>.Fill(2, rows * columns), gradient = new double[rows * columns];
            double before = Loss(problem.Parameter, target, columns, gradient);
            for (int step = 0; step < steps; step++)
            {
                problem.Optimizer.LearningRate = rate * (1 - ((double)step / steps));
                problem.Optimizer.Step(problem.Parameter, gradient);
                Loss(problem.Parameter, target, columns, gradient);
            }

            double after = Loss(problem.Parameter, target, columns, gradient);
            Require(after < before / 4, $"The quadratic of a {rows} × {columns} matrix went from {before:G4} to {after:G4} in {steps} steps of rate {rate}; at least to a quarter was expected.");
        }
    }

    private static double Loss(double[] parameter, double[] target, int columns, double[] gradient)
    {
        double loss = 0;
        for (int index = 0; index < gradient.Length; index++)
        {
            double away = parameter[index] - target[index], curvature = 1 + ((double)(index / columns) * columns / gradient.Length);
            gradient[index] = curvature * away;
            loss += 0.5 * curvature * away * away;
        }

        return loss;
    }

    private static void Threads(MatrixOptions options, int rows, int columns, int steps)
    {
        MatrixProblem<float> reference = new(options, rows, columns);
        reference.Run(1, steps);
        foreach (int threads in (int[])[2, 5])
        {
            using WorkerPool pool = new(threads);
            MatrixProblem<float> parallel = new(options, rows, columns, pool);
            parallel.Run(1, steps);
            parallel.RequireSameBits(reference, $"{threads} threads against one");
        }
    }

    private static void Poison<T>(MatrixOptions options, int rows, int columns, T value) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        const int poisoned = 4, end = 6;
        MatrixProblem<T> problem = new(options, rows, columns);
        problem.Run(1, poisoned - 1);
        T[] gradient = problem.Gradient(poisoned);
        gradient[2] = value;
        problem.Optimizer.Step(problem.Parameter, gradient);
        problem.Run(poisoned + 1, end);
        Require(
            problem.Parameter.Any(static element => !T.IsFinite(element)),
            $"A {value} in the gradient of a {rows} × {columns} matrix at step {poisoned} left only finite parameters at step {end}.");
    }

    private static void Require(bool kept, string message)
    {
        if (!kept)
        {
            throw new ContractException(message);
        }
    }
}
