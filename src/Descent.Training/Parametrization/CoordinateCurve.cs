namespace Descent.Training.Parametrization;

/// <summary>One segment's output over steps and widths, in one parametrization.</summary>
public sealed record CoordinateCurve
{
    /// <summary>The parametrization.</summary>
    public required ParametrizationKind Parametrization { get; init; }

    /// <summary>The segment, such as "block 1" or "logits".</summary>
    public required string Segment { get; init; }

    /// <summary>The widths.</summary>
    public required IReadOnlyList<int> Widths { get; init; }

    /// <summary>Mean |x| after each step, from 0 steps on, for each width: [step][width]. Geometric mean over the seeds; NaN where one of them diverged.</summary>
    public required IReadOnlyList<IReadOnlyList<double>> Sizes { get; init; }

    /// <summary>Mean |x − x₀|, what training has changed since its beginning, in the same order; the first row is 0.</summary>
    public required IReadOnlyList<IReadOnlyList<double>> Changes { get; init; }

    /// <summary>d log size ÷ d log width after so many steps; NaN where fewer than two widths have a size.</summary>
    /// <param name="step">The steps.</param>
    public double SizeSlope(int step) => Slope(Sizes[step]);

    /// <summary>d log change ÷ d log width after so many steps; NaN after none.</summary>
    /// <param name="step">The steps.</param>
    public double ChangeSlope(int step) => Slope(Changes[step]);

    /// <summary>The widths at which the training diverged.</summary>
    public IEnumerable<int> Diverged => Widths.Where((_, index) => !double.IsFinite(Sizes[^1][index]));

    // Least squares, over the widths that have a value.
    private double Slope(IReadOnlyList<double> values)
    {
        (double X, double Y)[] points = [.. Widths.Zip(values).Where(static point => double.IsFinite(point.Second) && point.Second > 0).Select(static point => (Math.Log(point.First), Math.Log(point.Second)))];
        if (points.Length < 2)
        {
            return double.NaN;
        }

        (double meanX, double meanY) = (points.Average(static point => point.X), points.Average(static point => point.Y));
        return points.Sum(point => (point.X - meanX) * (point.Y - meanY)) / points.Sum(point => (point.X - meanX) * (point.X - meanX));
    }
}
