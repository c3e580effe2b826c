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

    /// <summary>Mean |x| after each step, from 0 steps on, for each width: [step][width]. Geometric mean over the seeds.</summary>
    public required IReadOnlyList<IReadOnlyList<double>> Sizes { get; init; }

    /// <summary>Mean |x − x₀|, what training has changed since its beginning, in the same order; the first row is 0.</summary>
    public required IReadOnlyList<IReadOnlyList<double>> Changes { get; init; }

    /// <summary>d log size ÷ d log width after so many steps.</summary>
    /// <param name="step">The steps.</param>
    public double SizeSlope(int step) => Slope(Sizes[step]);

    /// <summary>d log change ÷ d log width after so many steps; NaN after none.</summary>
    /// <param name="step">The steps.</param>
    public double ChangeSlope(int step) => Slope(Changes[step]);

    // Least squares.
    private double Slope(IReadOnlyList<double> values)
    {
        double[] x = [.. Widths.Select(static width => Math.Log(width))];
        double[] y = [.. values.Select(static value => Math.Log(value))];
        double meanX = x.Average(), meanY = y.Average();
        return x.Zip(y).Sum(point => (point.First - meanX) * (point.Second - meanY)) / x.Sum(value => (value - meanX) * (value - meanX));
    }
}
