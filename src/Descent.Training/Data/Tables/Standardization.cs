namespace Descent.Training.Data;

/// <summary>Shift and scale of every feature and of the target, measured on training rows only, so that validation tells nothing in advance.</summary>
/// <remarks>A category that no training row has is divided by infinity: a held-out row of it is none of the categories, all 0, as if the file had not told of it.</remarks>
/// <param name="Mean">Subtracted from every feature; 0 for categories.</param>
/// <param name="Scale">Divides every feature; 1 for constants and for categories, infinity for those that no training row has.</param>
/// <param name="TargetMean">Subtracted from the target.</param>
/// <param name="TargetScale">Divides the target.</param>
internal sealed record Standardization(double[] Mean, double[] Scale, double TargetMean, double TargetScale)
{
    /// <summary>Measures.</summary>
    /// <param name="schema">Says which features are numbers.</param>
    /// <param name="table">The table.</param>
    /// <param name="rows">Its training rows.</param>
    /// <param name="target">Whether to measure the target too.</param>
    public static Standardization Of(TableSchema schema, Table table, int[] rows, bool target)
    {
        double[] mean = new double[schema.FeatureCount];
        double[] scale = [.. Enumerable.Repeat(1.0, schema.FeatureCount)];
        foreach (int feature in schema.NumericFeatures)
        {
            (mean[feature], scale[feature]) = Moments(rows, row => table.Features[((long)row * schema.FeatureCount) + feature]);
        }

        foreach (int category in Enumerable.Range(0, schema.FeatureCount).Except(schema.NumericFeatures))
        {
            scale[category] = Array.Exists(rows, row => table.Features[((long)row * schema.FeatureCount) + category] != 0) ? 1 : double.PositiveInfinity;
        }

        (double targetMean, double targetScale) = target && table.Values.Length > 0 ? Moments(rows, row => table.Values[row]) : (0, 1);
        return new Standardization(mean, scale, targetMean, targetScale);
    }

    /// <summary>Mean and deviation (of the population), in two passes: one pass loses all digits where the mean is large.</summary>
    private static (double Mean, double Deviation) Moments(int[] rows, Func<int, double> value)
    {
        double mean = rows.Average(value);
        double deviation = Math.Sqrt(rows.Average(row => (value(row) - mean) * (value(row) - mean)));

        // A constant column's deviation is rounding error.
        return (mean, deviation > 1e-12 * Math.Max(1e-300, Math.Abs(mean)) ? deviation : 1);
    }
}
