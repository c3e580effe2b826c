using System.Runtime.CompilerServices;

namespace Descent.Optimizers;

/// <summary>What happens to every parameter and gradient before its rule: scale, penalties, decoupled decay.</summary>
/// <remarks>Four forms, chosen once a step, so that a plain step doesn't pay for penalties it doesn't have.</remarks>
internal interface IPrologue
{
    void Apply<TLane>(ref TLane p, ref TLane g) where TLane : struct, ILane<TLane>;
}

/// <summary>A prologue that can be given a tensor's own gradient scale.</summary>
internal interface IPrologue<TSelf> : IPrologue where TSelf : struct, IPrologue<TSelf>
{
    TSelf Times(double factor);
}

/// <summary>g ← s·g.</summary>
internal readonly struct Scaled(double scale) : IPrologue<Scaled>
{
    private readonly double _scale = scale;

    public Scaled Times(double factor) => new(_scale * factor);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Apply<TLane>(ref TLane p, ref TLane g) where TLane : struct, ILane<TLane> => g *= TLane.Broadcast(_scale);
}

/// <summary>g ← s·g + λ₂·p, then p ← keep·p.</summary>
internal readonly struct Decayed(double scale, double l2, double keep) : IPrologue<Decayed>
{
    private readonly double _scale = scale;
    private readonly double _l2 = l2;
    private readonly double _keep = keep;

    public Decayed Times(double factor) => new(_scale * factor, _l2, _keep);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Apply<TLane>(ref TLane p, ref TLane g) where TLane : struct, ILane<TLane>
    {
        g = TLane.FusedMultiplyAdd(TLane.Broadcast(_l2), p, g * TLane.Broadcast(_scale));
        p *= TLane.Broadcast(_keep);
    }
}

/// <summary>g ← s·g + λ₂·p + λ₁·sign(p), then p ← keep·p.</summary>
internal readonly struct Elastic(double scale, double l1, double l2, double keep) : IPrologue<Elastic>
{
    private readonly double _scale = scale;
    private readonly double _l1 = l1;
    private readonly double _l2 = l2;
    private readonly double _keep = keep;

    public Elastic Times(double factor) => new(_scale * factor, _l1, _l2, _keep);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Apply<TLane>(ref TLane p, ref TLane g) where TLane : struct, ILane<TLane>
    {
        Scale(ref g);
        Penalize(ref p, ref g);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Scale<TLane>(ref TLane g) where TLane : struct, ILane<TLane> => g *= TLane.Broadcast(_scale);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Penalize<TLane>(ref TLane p, ref TLane g) where TLane : struct, ILane<TLane>
    {
        g = TLane.FusedMultiplyAdd(TLane.Broadcast(_l2), p, g);
        g = TLane.FusedMultiplyAdd(TLane.Broadcast(_l1), TLane.Sign(p), g);
        p *= TLane.Broadcast(_keep);
    }
}

/// <summary>g ← clamp(s·g, ±c) + λ₂·p + λ₁·sign(p), then p ← keep·p. A NaN stays one.</summary>
internal readonly struct Clamped(double limit, Elastic elastic) : IPrologue<Clamped>
{
    private readonly double _limit = limit;
    private readonly double _minusLimit = -limit;
    private readonly Elastic _elastic = elastic;

    public Clamped Times(double factor) => new(_limit, _elastic.Times(factor));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Apply<TLane>(ref TLane p, ref TLane g) where TLane : struct, ILane<TLane>
    {
        _elastic.Scale(ref g);
        g = TLane.Max(TLane.Min(g, TLane.Broadcast(_limit)), TLane.Broadcast(_minusLimit));
        _elastic.Penalize(ref p, ref g);
    }
}
