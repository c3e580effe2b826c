namespace Descent.Mup;

/// <summary>The loss over the rate of one width: means over seeds, rates in steps of a factor of two.</summary>
/// <param name="Points">log₂ of the rate, and the mean loss; +∞ where a seed diverged.</param>
internal sealed record RateCurve(IReadOnlyList<(int Exponent, double Loss)> Points)
{
    /// <summary>The rate at the top of the parabola through the best point and its neighbours; null: the best point is at an end.</summary>
    public double? Best
    {
        get
        {
            if (Points.Count == 0)
            {
                return null;
            }

            (int exponent, double loss) = Points.MinBy(static point => point.Loss);
            double? left = At(exponent - 1), right = At(exponent + 1);
            if (left is not { } below || right is not { } above)
            {
                return null;
            }

            // A neighbour that diverged says only which way not to go.
            double curvature = below - (2 * loss) + above;
            return Math.Pow(2, exponent + (double.IsFinite(curvature) && curvature > 0 ? (below - above) / (2 * curvature) : 0));
        }
    }

    /// <summary>The least mean loss.</summary>
    public double Loss => Points.Min(static point => point.Loss);

    /// <summary>The next rate to try: the lower, then the upper neighbour of the best; null: both are there.</summary>
    public int? Next
    {
        get
        {
            int exponent = Points.MinBy(static point => point.Loss).Exponent;
            return At(exponent - 1) is null ? exponent - 1 : At(exponent + 1) is null ? exponent + 1 : null;
        }
    }

    private double? At(int exponent) => Points.Where(point => point.Exponent == exponent).Select(static point => (double?)point.Loss).FirstOrDefault();
}
