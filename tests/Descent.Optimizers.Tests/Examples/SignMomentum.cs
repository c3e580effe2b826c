using System.Runtime.CompilerServices;
using Descent.Optimizers;

namespace Descent.Optimizers.Tests.Examples;

// <example>
/// <summary>
/// Signum: m ← βm + (1−β)g, θ ← θ − γ·sign(m).
/// Bernstein et al., "signSGD: Compressed Optimisation for Non-Convex Problems", 2018, algorithm 2.
/// </summary>
public sealed record SignMomentumOptions : OptimizerOptions
{
    /// <summary>γ = 1e-4 and λ = 0, as in the paper's experiments on ImageNet.</summary>
    public SignMomentumOptions() => LearningRate = 1e-4;

    /// <inheritdoc/>
    public override string Kind => "sign_momentum";

    /// <summary>β, 0 ≤ β &lt; 1. Default 0.9 (the paper's).</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public double Beta
    {
        get;
        init => field = value is >= 0 and < 1
            ? value
            : throw new ArgumentOutOfRangeException(nameof(Beta), value, $"Beta is {value}; allowed: at least 0 and below 1");
    } = 0.9;

    /// <inheritdoc/>
    public override IReadOnlyList<StateTensor> State => [new("momentum_buffer")];

    /// <inheritdoc/>
    public override UpdateKernel CreateKernel() => UpdateKernel.OneState(this, scalars => new SignMomentumRule(this, scalars));
}

internal readonly struct SignMomentumRule(SignMomentumOptions options, StepScalars scalars) : IUpdateRule1
{
    private readonly double _gain = 1 - options.Beta;
    private readonly double _minusRate = -scalars.LearningRate;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Update<TLane>(ref TLane p, TLane g, ref TLane m) where TLane : struct, ILane<TLane>
    {
        m = TLane.FusedMultiplyAdd(TLane.Broadcast(_gain), g - m, m);
        p = TLane.FusedMultiplyAdd(TLane.Broadcast(_minusRate), TLane.Sign(m), p);
    }
}
// </example>
