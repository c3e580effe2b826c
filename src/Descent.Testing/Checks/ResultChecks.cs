using Descent.Optimizers;

namespace Descent.Testing.Checks;

/// <summary>What a rule computes.</summary>
internal static class ResultChecks
{
    public static void DescribesItself(OptimizerOptions options)
    {
        Require(!string.IsNullOrWhiteSpace(options.Kind), "Kind is empty; give the rule a name.");
        Require(options.State.Count <= 4, $"{options.State.Count} state tensors are declared; element-wise rules have at most four.");
        Require(
            options.State.Select(static state => state.Name).Distinct(StringComparer.Ordinal).Count() == options.State.Count,
            $"State names are not distinct: {string.Join(", ", options.State.Select(static state => state.Name))}.");
        Require(
            options.State.All(static state => double.IsFinite(state.InitialValue)),
            "An initial state is not finite; states start as finite numbers.");
        Require(options.Equals(options with { }), "A copy of the options isn't equal to them; compare settings by value.");
    }

    /// <summary>
    /// float32 stays as near to float64 as its rounding allows: half a unit of the parameter a step, and of the movement a hundredth of
    /// a percent, room for the cancellation in a variance.
    /// </summary>
    public static void AgreesWithFloat64(OptimizerOptions options)
    {
        const int steps = 20;
        const double roundoff = 1.0 / (1 << 23);
        int[] lengths = [257, 255, 252]; // a vector, a matrix, a batch of matrices
        using Tensors<float> single = new(options, lengths);
        using Tensors<double> exact = new(options, lengths);
        UpdateKernel singleKernel = options.CreateKernel();
        UpdateKernel exactKernel = options.CreateKernel();
        double[][] moved = [.. lengths.Select(static length => new double[length])];
        for (long step = 1; step <= steps; step++)
        {
            double[][] before = [.. lengths.Select((_, tensor) => exact.Parameter(tensor).ToArray())];
            single.Run(singleKernel, options.Scalars, step, step);
            exact.Run(exactKernel, options.Scalars, step, step);
            for (int tensor = 0; tensor < lengths.Length; tensor++)
            {
                for (int index = 0; index < lengths[tensor]; index++)
                {
                    double value = before[tensor][index];
                    double way = moved[tensor][index] += Math.Abs(exact.Parameter(tensor)[index] - value);
                    double error = Math.Abs(single.Parameter(tensor)[index] - exact.Parameter(tensor)[index]);
                    double allowed = (step * roundoff * (Math.Abs(value) + way)) + (1e-4 * way);
                    Require(
                        error <= allowed,
                        $"Step {step}, tensor {tensor}, element {index}: {single.Parameter(tensor)[index]:R} in float32, {exact.Parameter(tensor)[index]:R} "
                        + $"in float64; {error:E2} apart, allowed {allowed:E2}.");
                }
            }
        }
    }

    public static void ZeroGradientKeepsParameters(OptimizerOptions options)
    {
        using Tensors<float> tensors = new(options, [50]);
        using Tensors<float> untouched = new(options, [50]);
        UpdateKernel kernel = options.CreateKernel();
        tensors.Gradient(0).Clear();
        for (long step = 1; step <= 3; step++)
        {
            tensors.Update(kernel, options.Scalars(step) with { WeightDecay = 0 });
        }

        for (int index = 0; index < 50; index++)
        {
            Require(
                tensors.Parameter(0)[index] == untouched.Parameter(0)[index],
                $"With a zero gradient and no decay element {index} moved from {untouched.Parameter(0)[index]:R} to {tensors.Parameter(0)[index]:R}.");
        }
    }

    public static void MaximizeMirrorsMinimize(OptimizerOptions options)
    {
        using Tensors<float> down = new(options, [50]);
        using Tensors<float> up = new(options, [50]);
        UpdateKernel minimize = (options with { Maximize = false }).CreateKernel();
        UpdateKernel maximize = (options with { Maximize = true }).CreateKernel();
        for (long step = 1; step <= 3; step++)
        {
            down.SetGradients(step);
            up.SetGradients(step);
            foreach (ref float gradient in up.Gradient(0))
            {
                gradient = -gradient;
            }

            down.Update(minimize, options.Scalars(step));
            up.Update(maximize, options.Scalars(step));
        }

        for (int index = 0; index < 50; index++)
        {
            Require(
                up.Parameter(0)[index] == down.Parameter(0)[index],
                $"Climbing −f and descending f differ at element {index}: {up.Parameter(0)[index]:R} and {down.Parameter(0)[index]:R}.");
        }
    }

    /// <summary>It stays in its element or, for rules with sums over a tensor, in its tensor; a rule with sums over a group can only show it.</summary>
    public static void NonFiniteGradientStaysInItsElement(OptimizerOptions options)
    {
        const int length = 67;
        int[] lengths = [length, 50];
        foreach (float bad in (float[])[float.NaN, float.PositiveInfinity, float.NegativeInfinity])
        {
            for (int place = 0; place < length; place += 11)
            {
                using Tensors<float> good = new(options, lengths);
                using Tensors<float> poisoned = new(options, lengths);
                good.Run(options.CreateKernel(), options.Scalars, 1, 1);
                poisoned.SetGradients(1);
                poisoned.Gradient(0)[place] = bad;
                poisoned.Update(options.CreateKernel(), options.Scalars(1));
                RequireOnly(place, bad, good.Parameter(0), poisoned.Parameter(0), options.Scope == UpdateScope.Element);
                if (options.Scope != UpdateScope.Group)
                {
                    RequireOnly(-1, bad, good.Parameter(1), poisoned.Parameter(1), true);
                }
            }
        }
    }

    /// <summary>From the customary start (−1.2, 1) down to a quarter of its height, at some rate, within 2,000 steps.</summary>
    public static void RosenbrockGoesDown(OptimizerOptions options)
    {
        double least = double.PositiveInfinity;
        foreach (double rate in (double[])[1, 1e-1, 1e-2, 1e-3, 1e-4])
        {
            using Tensors<double> point = new(options, [2]);
            Span<double> xy = point.Parameter(0);
            point.Place(0, -1.2, 1);
            double start = Rosenbrock(xy);
            UpdateKernel kernel = (options with { Maximize = false }).CreateKernel();
            for (long step = 1; step <= 2000; step++)
            {
                double slope = xy[1] - (xy[0] * xy[0]);
                point.Gradient(0)[0] = (-400 * xy[0] * slope) - (2 * (1 - xy[0]));
                point.Gradient(0)[1] = 200 * slope;
                point.Update(kernel, options.Scalars(step) with { LearningRate = rate, WeightDecay = 0 });
            }

            // A rate that is too large ends in NaN, which is no minimum.
            double left = Rosenbrock(xy) / start;
            least = left < least ? left : least;
        }

        Require(least <= 0.25, $"On Rosenbrock's function 2,000 steps end at {least:P1} of the start's height at best; at most 25 % is expected.");
    }

    private static double Rosenbrock(Span<double> xy) =>
        Math.Pow(1 - xy[0], 2) + (100 * Math.Pow(xy[1] - (xy[0] * xy[0]), 2));

    private static void RequireOnly(int place, float bad, Span<float> good, Span<float> poisoned, bool others)
    {
        for (int index = 0; index < good.Length; index++)
        {
            bool sound = index == place
                ? !float.IsNaN(bad) || !float.IsFinite(poisoned[index])
                : !others || Numbers.SameBits(good[index], poisoned[index]);
            Require(
                sound,
                $"With a gradient of {bad} at element {place}, element {index} became {poisoned[index]:R}; "
                + (index == place ? "a NaN must show in the parameter." : $"without it, it is {good[index]:R}."));
        }
    }

    private static void Require(bool condition, string message)
    {
        if (!condition)
        {
            throw new ContractException(message);
        }
    }
}
