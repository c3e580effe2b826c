namespace Descent.Tuning;

/// <summary>A function and its gradient at a point.</summary>
/// <param name="x">The point.</param>
/// <param name="gradient">Receives the gradient.</param>
internal delegate double DifferentiableFunction(ReadOnlySpan<double> x, Span<double> gradient);

/// <summary>
/// Minimises a smooth function within a box by limited-memory BFGS: directions from the two-loop recursion over the variables that are free, steps projected
/// onto the box and shortened until they satisfy Armijo's condition.
/// Nocedal and Wright, "Numerical Optimization", 2006, algorithm 7.4; Bertsekas, "Projected Newton Methods", SIAM J. Control and Optimization 20 (1982).
/// </summary>
internal static class Lbfgs
{
    private const int Memory = 8;
    private const double SufficientDecrease = 1e-4; // Nocedal and Wright's c₁
    private const int MostHalvings = 12;

    /// <summary>Improves a point in place and returns its value.</summary>
    /// <param name="function">The function.</param>
    /// <param name="x">The start, within the box; receives the best point found.</param>
    /// <param name="low">The box's lower corner.</param>
    /// <param name="high">The box's upper corner.</param>
    /// <param name="iterations">The most iterations.</param>
    /// <param name="tolerance">Ends when an iteration improves the value by less than this, relative to its size or 1.</param>
    /// <param name="firstStep">The length of the first step.</param>
    public static double Minimize(
        DifferentiableFunction function, Span<double> x, ReadOnlySpan<double> low, ReadOnlySpan<double> high, int iterations, double tolerance, double firstStep)
    {
        int n = x.Length;
        double[] gradient = new double[n];
        double[] nextGradient = new double[n];
        double[] next = new double[n];
        double[] direction = new double[n];
        List<(double[] Step, double[] Change, double Curvature)> memory = [];
        double value = function(x, gradient);
        for (int iteration = 0; iteration < iterations; iteration++)
        {
            Direction(memory, x, gradient, low, high, direction);
            double slope = DenseMath.Dot(direction, gradient);
            if (!(slope < 0))
            {
                if (memory.Count == 0)
                {
                    break; // every variable is at a border that it is pushed against, or the gradient is zero or NaN
                }

                memory.Clear();
                continue;
            }

            double scale = memory.Count > 0 ? 1 : Math.Min(1, firstStep / Math.Sqrt(DenseMath.Dot(direction, direction)));
            double nextValue = double.NaN;
            bool moved = false;
            for (int halving = 0; halving < MostHalvings && !moved; halving++, scale *= halving < 3 ? 0.5 : 0.2)
            {
                for (int i = 0; i < n; i++)
                {
                    next[i] = Math.Clamp(x[i] + (scale * direction[i]), low[i], high[i]);
                }

                double expected = 0;
                for (int i = 0; i < n; i++)
                {
                    expected += gradient[i] * (next[i] - x[i]);
                }

                nextValue = function(next, nextGradient);
                moved = nextValue <= value + (SufficientDecrease * expected) && expected < 0;
            }

            if (!moved)
            {
                break;
            }

            Remember(memory, x, next, gradient, nextGradient);
            next.CopyTo(x);
            (gradient, nextGradient) = (nextGradient, gradient);
            double gain = value - nextValue;
            value = nextValue;
            if (gain <= tolerance * Math.Max(1, Math.Abs(value)))
            {
                break;
            }
        }

        return value;
    }

    private static void Direction(
        List<(double[] Step, double[] Change, double Curvature)> memory,
        ReadOnlySpan<double> x,
        double[] gradient,
        ReadOnlySpan<double> low,
        ReadOnlySpan<double> high,
        double[] direction)
    {
        Span<double> weights = stackalloc double[Memory];
        for (int i = 0; i < direction.Length; i++)
        {
            direction[i] = IsHeld(i, x, gradient, low, high) ? 0 : -gradient[i];
        }

        for (int k = memory.Count - 1; k >= 0; k--)
        {
            weights[k] = DenseMath.Dot(memory[k].Step, direction) / memory[k].Curvature;
            DenseMath.AddScaled(direction, -weights[k], memory[k].Change);
        }

        if (memory.Count > 0)
        {
            (double[] _, double[] change, double curvature) = memory[^1];
            double scale = curvature / DenseMath.Dot(change, change);
            for (int i = 0; i < direction.Length; i++)
            {
                direction[i] *= scale;
            }
        }

        for (int k = 0; k < memory.Count; k++)
        {
            double correction = weights[k] - (DenseMath.Dot(memory[k].Change, direction) / memory[k].Curvature);
            DenseMath.AddScaled(direction, correction, memory[k].Step);
        }

        for (int i = 0; i < direction.Length; i++)
        {
            if (IsHeld(i, x, gradient, low, high))
            {
                direction[i] = 0;
            }
        }
    }

    /// <summary>Whether a variable lies at a border and would have to leave the box to improve.</summary>
    private static bool IsHeld(int i, ReadOnlySpan<double> x, double[] gradient, ReadOnlySpan<double> low, ReadOnlySpan<double> high) =>
        (x[i] <= low[i] && gradient[i] > 0) || (x[i] >= high[i] && gradient[i] < 0);

    private static void Remember(
        List<(double[] Step, double[] Change, double Curvature)> memory, ReadOnlySpan<double> x, double[] next, double[] gradient, double[] nextGradient)
    {
        double[] step = new double[next.Length];
        double[] change = new double[next.Length];
        for (int i = 0; i < step.Length; i++)
        {
            step[i] = next[i] - x[i];
            change[i] = nextGradient[i] - gradient[i];
        }

        double curvature = DenseMath.Dot(step, change);
        if (curvature > 1e-10 * DenseMath.Dot(change, change))
        {
            if (memory.Count == Memory)
            {
                memory.RemoveAt(0);
            }

            memory.Add((step, change, curvature));
        }
    }
}
