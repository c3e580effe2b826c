using System.Runtime.CompilerServices;

namespace Descent.Optimizers;

/// <summary>The states of a factored rule, under the names that PyTorch's Adafactor gives them.</summary>
internal static class FactoredState
{
    private static readonly long[] Absent = [0];

    public static readonly IReadOnlyList<StateTensor> Tensors =
    [
        new("row_var") { NonNegative = true, Shape = static shape => shape.Length < 2 ? Absent : [.. shape[..^1], 1] },
        new("col_var") { NonNegative = true, Shape = static shape => shape.Length < 2 ? Absent : [.. shape[..^2], 1, shape[^1]] },
        new("variance") { NonNegative = true, Shape = static shape => shape.Length < 2 ? shape : Absent },
    ];

    /// <summary>With a mean of moves.</summary>
    public static readonly IReadOnlyList<StateTensor> WithMomentum = [.. Tensors, new("exp_avg")];
}

/// <summary>What tells Adafactor's step from AdaLomo's.</summary>
internal readonly record struct FactoredSettings
{
    /// <summary>1 − β₂ of this step.</summary>
    public double Gain { get; init; }

    /// <summary>Added to every squared gradient.</summary>
    public double AddedSquare { get; init; }

    /// <summary>The smallest mean of rows that is divided by.</summary>
    public double SmallestMean { get; init; }

    /// <summary>The smallest √V.</summary>
    public double SmallestRoot { get; init; }

    /// <summary>The rate, relative to the parameter's RMS.</summary>
    public double RelativeRate { get; init; }

    /// <summary>The smallest RMS of a parameter.</summary>
    public double SmallestScale { get; init; }

    /// <summary>The largest RMS of a direction.</summary>
    public double ClipThreshold { get; init; }

    /// <summary>What the parameter shrinks by.</summary>
    public double Decay { get; init; }

    /// <summary>What the parameter shrinks by, in parts of the scaled rate.</summary>
    public double DecayOfScaledRate { get; init; }

    /// <summary>α/max(1, RMS(U)/d), and what is kept of the parameter.</summary>
    public TensorFactors Settle(double parameterSquares, double directionSquares, long length)
    {
        double rate = RelativeRate * Math.Max(SmallestScale, Math.Sqrt(parameterSquares / length));
        double excess = Math.Sqrt(directionSquares / length) / ClipThreshold;
        return new(-rate / Math.Max(1, excess), 1 - Decay - (rate * DecayOfScaledRate));
    }
}

/// <summary>The rule of matrices: V of rank one.</summary>
internal readonly struct FactoredRule(FactoredSettings settings) : IFactoredRule
{
    public static bool HasMomentum => false;

    // With no bound, the largest float: an infinite factor times a gradient of 0 would be NaN.
    private readonly double _largestFactor = settings.SmallestRoot > 0 ? 1 / settings.SmallestRoot : float.MaxValue;

    public double Advance(double value, double squares) => value + (settings.Gain * (squares + settings.AddedSquare - value));

    public double RowFactor(double row, double mean) => Math.Sqrt(Math.Max(mean, settings.SmallestMean) / row);

    public double ColumnFactor(double column) => 1 / Math.Sqrt(column);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TLane Direction<TLane>(TLane g, TLane rowFactor, TLane columnFactor) where TLane : struct, ILane<TLane> =>
        g * TLane.Min(rowFactor * columnFactor, TLane.Broadcast(_largestFactor));

    public TensorFactors Settle(double parameterSquares, double directionSquares, long length) => settings.Settle(parameterSquares, directionSquares, length);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Update<TLane>(ref TLane p, ref TLane m, TLane direction, TLane step, TLane keep) where TLane : struct, ILane<TLane> =>
        p = TLane.FusedMultiplyAdd(step, direction, keep * p);
}

/// <summary>The rule of vectors: V as a whole, in the third state.</summary>
internal readonly struct UnfactoredRule(FactoredSettings settings) : ITensorRule
{
    private readonly double _gain = settings.Gain;
    private readonly double _added = settings.AddedSquare;
    private readonly double _smallestRoot = settings.SmallestRoot;

    public static Streams Needs => Streams.State2;

    public static Streams GatherReads => Streams.Parameter | Streams.Gradient | Streams.State2;

    public static Streams GatherWrites => Streams.State2;

    public static Streams UpdateReads => Streams.Parameter | Streams.Gradient | Streams.State2;

    public static Streams UpdateWrites => Streams.Parameter;

    public static bool Squares => true;

    public static bool TwoSums => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Gather<TLane>(TLane p, TLane g, ref TLane s0, ref TLane s1, ref TLane v, ref TLane s3, out TLane first, out TLane second)
        where TLane : struct, ILane<TLane>
    {
        TLane square = TLane.FusedMultiplyAdd(g, g, TLane.Broadcast(_added));
        v = TLane.FusedMultiplyAdd(TLane.Broadcast(_gain), square - v, v);
        (first, second) = (p, Direction(g, v));
    }

    public TensorFactors Settle(double parameterSquares, double directionSquares, in TensorSlot slot) =>
        settings.Settle(parameterSquares, directionSquares, slot.Length);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Update<TLane>(ref TLane p, TLane g, ref TLane s0, ref TLane s1, ref TLane v, ref TLane s3, TLane step, TLane keep)
        where TLane : struct, ILane<TLane> =>
        p = TLane.FusedMultiplyAdd(step, Direction(g, v), keep * p);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TLane Direction<TLane>(TLane g, TLane v) where TLane : struct, ILane<TLane> =>
        g / TLane.Max(TLane.Sqrt(v), TLane.Broadcast(_smallestRoot));
}
