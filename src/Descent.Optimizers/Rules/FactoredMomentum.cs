using System.Runtime.CompilerServices;

namespace Descent.Optimizers;

/// <summary><see cref="FactoredRule"/> with a mean of its moves: m ← β₁m + (1−β₁)·move, θ ← keep·θ + m.</summary>
internal readonly struct FactoredMomentumRule(FactoredSettings settings, double beta1) : IFactoredRule
{
    private readonly FactoredRule _rule = new(settings);
    private readonly double _beta1 = beta1;
    private readonly double _gain1 = 1 - beta1;

    public static bool HasMomentum => true;

    public double Advance(double value, double squares) => _rule.Advance(value, squares);

    public double RowFactor(double row, double mean) => _rule.RowFactor(row, mean);

    public double ColumnFactor(double column) => _rule.ColumnFactor(column);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TLane Direction<TLane>(TLane g, TLane rowFactor, TLane columnFactor) where TLane : struct, ILane<TLane> => _rule.Direction(g, rowFactor, columnFactor);

    public TensorFactors Settle(double parameterSquares, double directionSquares, long length) => settings.Settle(parameterSquares, directionSquares, length);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Update<TLane>(ref TLane p, ref TLane m, TLane direction, TLane step, TLane keep) where TLane : struct, ILane<TLane>
    {
        m = TLane.FusedMultiplyAdd(TLane.Broadcast(_gain1) * step, direction, TLane.Broadcast(_beta1) * m);
        p = TLane.FusedMultiplyAdd(keep, p, m);
    }
}

/// <summary><see cref="UnfactoredRule"/> with a mean of its moves, in the fourth state.</summary>
internal readonly struct UnfactoredMomentumRule(FactoredSettings settings, double beta1) : ITensorRule
{
    private readonly UnfactoredRule _rule = new(settings);
    private readonly double _beta1 = beta1;
    private readonly double _gain1 = 1 - beta1;

    public static Streams Needs => Streams.State2 | Streams.State3;

    public static Streams GatherReads => UnfactoredRule.GatherReads;

    public static Streams GatherWrites => UnfactoredRule.GatherWrites;

    public static Streams UpdateReads => UnfactoredRule.UpdateReads | Streams.State3;

    public static Streams UpdateWrites => Streams.Parameter | Streams.State3;

    public static bool Squares => true;

    public static bool TwoSums => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Gather<TLane>(TLane p, TLane g, ref TLane s0, ref TLane s1, ref TLane v, ref TLane m, out TLane first, out TLane second)
        where TLane : struct, ILane<TLane> => _rule.Gather(p, g, ref s0, ref s1, ref v, ref m, out first, out second);

    public TensorFactors Settle(double parameterSquares, double directionSquares, in TensorSlot slot) => _rule.Settle(parameterSquares, directionSquares, slot);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Update<TLane>(ref TLane p, TLane g, ref TLane s0, ref TLane s1, ref TLane v, ref TLane m, TLane step, TLane keep)
        where TLane : struct, ILane<TLane>
    {
        m = TLane.FusedMultiplyAdd(TLane.Broadcast(_gain1) * step, _rule.Direction(g, v), TLane.Broadcast(_beta1) * m);
        p = TLane.FusedMultiplyAdd(keep, p, m);
    }
}
