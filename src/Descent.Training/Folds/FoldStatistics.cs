namespace Descent.Training.Folds;

/// <summary>A metric over the folds of a cross validation: mean, deviation and interval.</summary>
/// <remarks>
/// <para>The interval is mean ± t · √(1/J + ρ) · s, with J folds in all, s their standard deviation, ρ the number of held-out samples over that of training samples (the mean over the
/// folds), and t the 97.5 % point of Student's distribution with J − 1 degrees of freedom.</para>
/// <para>Folds are not independent: their training sets overlap, so that s/√J is far too small. ρ is the correction of Nadeau and Bengio ("Inference for the generalization error", Machine Learning 52, 2003)
/// for training sets drawn again from the same data; Bouckaert and Frank (2004) take it for repeated k-fold. No estimator of this variance is unbiased (Bengio and Grandvalet 2004).</para>
/// </remarks>
public sealed record FoldStatistics
{
    /// <summary>The probability that the interval is made for.</summary>
    public const double Level = 0.95;

    /// <summary>Folds in all: J.</summary>
    public required int Folds { get; init; }

    /// <summary>The mean over the folds.</summary>
    public required double Mean { get; init; }

    /// <summary>The standard deviation of the folds, by J − 1.</summary>
    public required double StandardDeviation { get; init; }

    /// <summary>The corrected standard error of the mean: √(1/J + ρ) · s.</summary>
    public required double StandardError { get; init; }

    /// <summary>Held-out samples over training samples: ρ.</summary>
    public required double TestTrainRatio { get; init; }

    /// <summary>The 97.5 % point of Student's distribution with J − 1 degrees of freedom.</summary>
    public required double T { get; init; }

    /// <summary>The lower end of the 95 % interval.</summary>
    public double Low => Mean - (T * StandardError);

    /// <summary>The upper end of the 95 % interval.</summary>
    public double High => Mean + (T * StandardError);

    /// <summary>Sums up.</summary>
    /// <param name="values">The metric of every fold, at least 2.</param>
    /// <param name="testTrainRatio">Held-out samples over training samples, the mean over the folds.</param>
    /// <exception cref="ArgumentException">There are fewer than 2 values.</exception>
    public static FoldStatistics Of(IReadOnlyList<double> values, double testTrainRatio)
    {
        ArgumentNullException.ThrowIfNull(values);
        if (values.Count < 2)
        {
            throw new ArgumentException($"{values.Count} folds have no deviation; at least 2 are needed", nameof(values));
        }

        double mean = values.Average();
        double deviation = Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / (values.Count - 1));
        return new FoldStatistics
        {
            Folds = values.Count,
            Mean = mean,
            StandardDeviation = deviation,
            StandardError = Math.Sqrt((1.0 / values.Count) + testTrainRatio) * deviation,
            TestTrainRatio = testTrainRatio,
            T = StudentT.Quantile((1 + Level) / 2, values.Count - 1),
        };
    }
}
