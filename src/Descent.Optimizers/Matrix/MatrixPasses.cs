using System.Runtime.CompilerServices;

namespace Descent.Optimizers;

/// <summary>A mean that follows what it is given: p ← βp + (1−β)g.</summary>
internal readonly struct FollowRule(double beta) : IUpdateRule0
{
    private readonly double _gain = 1 - beta;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Update<TLane>(ref TLane p, TLane g) where TLane : struct, ILane<TLane> =>
        p = TLane.FusedMultiplyAdd(TLane.Broadcast(_gain), g - p, p);
}

/// <summary>Adam's direction where the mean of gradients is kept elsewhere: v ← β₂v + (1−β₂)g², p ← (p/c₁)/(√(v/c₂) + ε) with p the mean.</summary>
internal readonly struct AdaptiveDirection : IUpdateRule1
{
    private readonly double _beta2;
    private readonly double _gain2;
    private readonly double _correction;
    private readonly double _rootCorrection;
    private readonly double _epsilon;

    public AdaptiveDirection(double beta2, double epsilon, double correction, double rootCorrection) =>
        (_beta2, _gain2, _epsilon, _correction, _rootCorrection) = (beta2, 1 - beta2, epsilon, correction, rootCorrection);

    /// <summary>With Adam's bias corrections at a step: cᵢ = 1 − βᵢᵗ.</summary>
    public static AdaptiveDirection Corrected(double beta1, double beta2, double epsilon, long step) =>
        new(beta2, epsilon, 1 / (1 - Math.Pow(beta1, step)), 1 / Math.Sqrt(1 - Math.Pow(beta2, step)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Update<TLane>(ref TLane p, TLane g, ref TLane v) where TLane : struct, ILane<TLane>
    {
        v = TLane.FusedMultiplyAdd(TLane.Broadcast(_gain2) * g, g, TLane.Broadcast(_beta2) * v);
        p = p * TLane.Broadcast(_correction) / TLane.FusedMultiplyAdd(TLane.Sqrt(v), TLane.Broadcast(_rootCorrection), TLane.Broadcast(_epsilon));
    }
}

/// <summary>Adam's direction: m ← β₁m + (1−β₁)g, v ← β₂v + (1−β₂)g², p ← (m/c₁)/(√(v/c₂) + ε).</summary>
internal readonly struct AdamDirection(double beta1, double beta2, double epsilon, double correction, double rootCorrection) : IUpdateRule2
{
    private readonly FollowRule _mean = new(beta1);
    private readonly AdaptiveDirection _direction = new(beta2, epsilon, correction, rootCorrection);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Update<TLane>(ref TLane p, TLane g, ref TLane m, ref TLane v) where TLane : struct, ILane<TLane>
    {
        _mean.Update(ref m, g);
        p = m;
        _direction.Update(ref p, g, ref v);
    }
}
