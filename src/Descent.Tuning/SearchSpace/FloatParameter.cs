using System.Globalization;

namespace Descent.Tuning;

/// <summary>Real numbers of an interval: uniform, on a logarithmic scale, or on a grid.</summary>
/// <remarks>Uniform: <c>low + u·(high − low)</c>. Log: <c>exp(ln low + u·(ln high − ln low))</c>. Grid of n values: <c>low + ⌊u·n⌋·step</c>.</remarks>
public sealed record FloatParameter : Parameter
{
    internal FloatParameter(string name, double low, double high, bool log = false, double? step = null)
        : base(name)
    {
        if (!double.IsFinite(low) || !double.IsFinite(high) || low >= high || !double.IsFinite(high - low))
        {
            throw new SearchSpaceException($"{name} goes from {Text(low)} to {Text(high)}; allowed: two finite numbers, the first below the second.");
        }

        if (log && low <= 0)
        {
            throw new SearchSpaceException($"{name} has a logarithmic scale from {Text(low)}; allowed: a least value above 0. For values down to 0 use uniform.");
        }

        (Low, High, IsLog, Spacing) = (low, high, log, step);
        if (step is { } spacing)
        {
            double steps = (high - low) / spacing;
            double whole = Math.Round(steps);
            if (!(spacing > 0) || !(Math.Abs(steps - whole) <= 1e-9 * Math.Max(1, whole)) || whole > int.MaxValue)
            {
                throw new SearchSpaceException(
                    $"{name} goes from {Text(low)} to {Text(high)} by {Text(spacing)}; allowed: a step above 0 that leads from the first to the last value.");
            }

            Count = (long)whole + 1;
        }
    }

    /// <summary>The least value.</summary>
    public double Low { get; }

    /// <summary>The greatest value.</summary>
    public double High { get; }

    /// <summary>Whether orders of magnitude are alike.</summary>
    public bool IsLog { get; }

    /// <summary>The distance of neighbours on a grid; none: continuous.</summary>
    public double? Spacing { get; }

    /// <inheritdoc/>
    public override bool IsOrdered => true;

    /// <inheritdoc/>
    public override long? Count { get; }

    /// <inheritdoc/>
    public override ParameterValue FromUnit(double unit)
    {
        double u = Math.Clamp(unit, 0, 1);
        if (Count is { } count)
        {
            return At(Cells.IndexOf(u, count));
        }

        double value = IsLog ? Math.Exp(Math.Log(Low) + (u * (Math.Log(High) - Math.Log(Low)))) : Low + (u * (High - Low));
        return Math.Clamp(value, Low, High);
    }

    /// <inheritdoc/>
    public override (double Low, double High) CellOf(double unit) => Count is { } count ? Cells.At(Cells.IndexOf(unit, count), count) : (unit, unit);

    /// <inheritdoc/>
    public override bool Contains(ParameterValue value) =>
        value.IsNumeric && value.AsNumber() is double number && number >= Low && number <= High
            && (Spacing is null || number == At(Index(number)));

    /// <inheritdoc/>
    public override string ToText() => Spacing is { } step
        ? $"uniform({Text(Low)},{Text(High)},step={Text(step)})"
        : $"{(IsLog ? "log" : "uniform")}({Text(Low)},{Text(High)})";

    private protected override double Place(ParameterValue value)
    {
        double number = value.AsNumber();
        return Count is { } count ? Cells.Middle(Index(number), count)
            : IsLog ? Math.Clamp((Math.Log(number) - Math.Log(Low)) / (Math.Log(High) - Math.Log(Low)), 0, 1)
            : (number - Low) / (High - Low);
    }

    private static string Text(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    private long Index(double number) => (long)Math.Round((number - Low) / Spacing!.Value);

    // In decimals, so that 0.1 + 2·0.1 is 0.3; where those end, the double is all there is.
    private double At(long index) => index == Count - 1 ? High
        : Math.Max(Math.Abs(Low), Math.Abs(High)) < 1e12 && Spacing > 1e-12
            ? (double)((decimal)Low + (index * (decimal)Spacing.Value))
            : Low + (index * Spacing!.Value);
}
