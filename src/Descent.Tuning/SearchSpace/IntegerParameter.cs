namespace Descent.Tuning;

/// <summary>Whole numbers: with the same chance each, in steps, or on a logarithmic scale.</summary>
/// <remarks>
/// Of n values: <c>low + ⌊u·n⌋·step</c>. Log: u runs from <c>ln(low − ½)</c> to <c>ln(high + ½)</c>, and the number is rounded, so that the first and the last
/// number have whole cells too.
/// </remarks>
public sealed record IntegerParameter : Parameter
{
    // Doubles hold whole numbers up to here, and half ones below.
    private const long Most = 1L << 51;
    private readonly double _logLow;
    private readonly double _logWidth;

    internal IntegerParameter(string name, long low, long high, bool log = false, long step = 1)
        : base(name)
    {
        if (low > high || low < -Most || high > Most)
        {
            throw new SearchSpaceException($"{name} goes from {low} to {high}; allowed: whole numbers, the first not above the second, of at most 2^51 in size.");
        }

        if (log && low < 1)
        {
            throw new SearchSpaceException($"{name} has a logarithmic scale from {low}; allowed: a least value of 1 or more. For values down to 0 use int.");
        }

        if (step < 1 || (high - low) % step != 0)
        {
            throw new SearchSpaceException(
                $"{name} goes from {low} to {high} by {step}; allowed: a whole step of at least 1 that leads from the first to the last value, such as to {(step < 1 ? high : high - ((high - low) % step))}.");
        }

        (Low, High, IsLog, Spacing) = (low, high, log, step);
        (_logLow, _logWidth) = log ? (Math.Log(low - 0.5), Math.Log(high + 0.5) - Math.Log(low - 0.5)) : default;
    }

    /// <summary>The least value.</summary>
    public long Low { get; }

    /// <summary>The greatest value.</summary>
    public long High { get; }

    /// <summary>Whether orders of magnitude are alike.</summary>
    public bool IsLog { get; }

    /// <summary>The distance of neighbours.</summary>
    public long Spacing { get; }

    /// <inheritdoc/>
    public override bool IsOrdered => true;

    /// <inheritdoc/>
    public override long? Count => ((High - Low) / Spacing) + 1;

    /// <inheritdoc/>
    public override ParameterValue FromUnit(double unit) => At(unit);

    /// <inheritdoc/>
    public override (double Low, double High) CellOf(double unit)
    {
        long value = At(unit);
        return IsLog
            ? (Math.Max(0, LogPlace(value - 0.5)), Math.Min(1, LogPlace(value + 0.5)))
            : Cells.At((value - Low) / Spacing, Count!.Value);
    }

    /// <inheritdoc/>
    public override bool Contains(ParameterValue value) =>
        value.Kind == ParameterValueKind.Integer && value.AsInteger() is long number && number >= Low && number <= High && (number - Low) % Spacing == 0;

    /// <inheritdoc/>
    public override string ToText() => IsLog ? $"int_log({Low},{High})" : Spacing == 1 ? $"int({Low},{High})" : $"int({Low},{High},step={Spacing})";

    private protected override double Place(ParameterValue value) =>
        IsLog ? LogPlace(value.AsInteger()) : Cells.Middle((value.AsInteger() - Low) / Spacing, Count!.Value);

    private double LogPlace(double value) => (Math.Log(value) - _logLow) / _logWidth;

    private long At(double unit)
    {
        double u = Math.Clamp(unit, 0, 1);
        return IsLog
            ? Math.Clamp((long)Math.Round(Math.Exp(_logLow + (u * _logWidth))), Low, High)
            : Low + (Cells.IndexOf(u, Count!.Value) * Spacing);
    }
}
