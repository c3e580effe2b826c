using System.Runtime.InteropServices;

namespace Descent.Tuning.Statistics;

/// <summary>A mean and the interval that holds the true one with some confidence: x̄ ± t·s/√n, with t of n − 1 degrees of freedom.</summary>
/// <param name="Mean">x̄.</param>
/// <param name="Low">The lower end; −∞ where one value tells nothing of the spread.</param>
/// <param name="High">The upper end.</param>
/// <param name="Count">n, the values it is made of.</param>
/// <param name="Level">The confidence, such as 0.95.</param>
/// <remarks>Right for values that are normally distributed, or many. Student, "The probable error of a mean", Biometrika 6 (1908).</remarks>
[StructLayout(LayoutKind.Auto)]
public readonly record struct ConfidenceInterval(double Mean, double Low, double High, int Count, double Level)
{
    /// <summary>Half of its width.</summary>
    public double HalfWidth => (High - Low) / 2;

    /// <summary>The interval of a mean.</summary>
    /// <param name="values">Finite values, at least one.</param>
    /// <param name="level">The confidence, above 0 and below 1. Default 0.95.</param>
    /// <exception cref="ArgumentException">There is no value, or one is not finite.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The level is none.</exception>
    public static ConfidenceInterval OfMean(IReadOnlyList<double> values, double level = 0.95)
    {
        ArgumentNullException.ThrowIfNull(values);
        if (values.Count == 0 || !values.All(double.IsFinite))
        {
            throw new ArgumentException($"values are {(values.Count == 0 ? "empty" : string.Join(", ", values))}; allowed: at least one, all finite", nameof(values));
        }

        if (level is not (> 0 and < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(level), level, FormattableString.Invariant($"level is {level}; allowed: above 0 and below 1"));
        }

        double mean = values.Average();
        double half = values.Count == 1 ? double.PositiveInfinity : StudentT.TwoSidedQuantile(level, values.Count - 1) * StandardError(values, mean);
        return new ConfidenceInterval(mean, mean - half, mean + half, values.Count, level);
    }

    internal static double StandardError(IReadOnlyList<double> values, double mean) =>
        Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / (values.Count - 1) / values.Count);
}
