using System.Runtime.CompilerServices;

namespace Descent.Optimizers;

/// <summary>
/// A rule of any number of states, seen by the one traversal: states beyond <see cref="States"/> are neither loaded nor stored,
/// which the JIT decides once a rule type.
/// </summary>
/// <remarks>The adapters' fields are not read-only: a call of a read-only field whose type is a parameter works on a copy, made in every turn of a loop.</remarks>
internal interface IRule
{
    static abstract int States { get; }

    void Update<TLane>(ref TLane p, TLane g, ref TLane s0, ref TLane s1, ref TLane s2, ref TLane s3)
        where TLane : struct, ILane<TLane>;
}

internal struct Stateless<TRule>(TRule rule) : IRule where TRule : struct, IUpdateRule0
{
    private TRule _rule = rule;

    public static int States => 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Update<TLane>(ref TLane p, TLane g, ref TLane s0, ref TLane s1, ref TLane s2, ref TLane s3)
        where TLane : struct, ILane<TLane> =>
        _rule.Update(ref p, g);
}

internal struct OneState<TRule>(TRule rule) : IRule where TRule : struct, IUpdateRule1
{
    private TRule _rule = rule;

    public static int States => 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Update<TLane>(ref TLane p, TLane g, ref TLane s0, ref TLane s1, ref TLane s2, ref TLane s3)
        where TLane : struct, ILane<TLane> =>
        _rule.Update(ref p, g, ref s0);
}

internal struct TwoStates<TRule>(TRule rule) : IRule where TRule : struct, IUpdateRule2
{
    private TRule _rule = rule;

    public static int States => 2;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Update<TLane>(ref TLane p, TLane g, ref TLane s0, ref TLane s1, ref TLane s2, ref TLane s3)
        where TLane : struct, ILane<TLane> =>
        _rule.Update(ref p, g, ref s0, ref s1);
}

internal struct ThreeStates<TRule>(TRule rule) : IRule where TRule : struct, IUpdateRule3
{
    private TRule _rule = rule;

    public static int States => 3;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Update<TLane>(ref TLane p, TLane g, ref TLane s0, ref TLane s1, ref TLane s2, ref TLane s3)
        where TLane : struct, ILane<TLane> =>
        _rule.Update(ref p, g, ref s0, ref s1, ref s2);
}

internal struct FourStates<TRule>(TRule rule) : IRule where TRule : struct, IUpdateRule4
{
    private TRule _rule = rule;

    public static int States => 4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Update<TLane>(ref TLane p, TLane g, ref TLane s0, ref TLane s1, ref TLane s2, ref TLane s3)
        where TLane : struct, ILane<TLane> =>
        _rule.Update(ref p, g, ref s0, ref s1, ref s2, ref s3);
}
