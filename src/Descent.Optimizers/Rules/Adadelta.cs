using System.Runtime.CompilerServices;

namespace Descent.Optimizers;

/// <summary>
/// AdaDelta: v ← ρv + (1−ρ)g², d = √(u + ε)/√(v + ε) · g, u ← ρu + (1−ρ)d², θ ← θ − γ·d: steps are as long as the steps so far, in the parameter's own
/// units, so that no rate needs to be chosen.
/// Zeiler, "ADADELTA: An Adaptive Learning Rate Method", 2012 (arXiv 1212.5701), algorithm 1; the factor γ is PyTorch's, the paper has none.
/// </summary>
/// <remarks>ε is what the first steps live on: they are about √ε long, and without it nothing would ever move.</remarks>
public sealed record AdadeltaOptions : OptimizerOptions
{
    private static readonly IReadOnlyList<StateTensor> States = [new("square_avg") { NonNegative = true }, new("acc_delta") { NonNegative = true }];

    /// <summary>γ = 1 and λ = 0, the defaults of <c>torch.optim.Adadelta</c> (PyTorch 2.10).</summary>
    public AdadeltaOptions() => LearningRate = 1;

    /// <inheritdoc/>
    public override string Kind => "adadelta";

    /// <summary>ρ, 0 ≤ ρ &lt; 1: how slowly both means of squares move. Default 0.9 (PyTorch's; the paper's experiments have 0.95).</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public double Rho { get; init => field = Require.Decay(value); } = 0.9;

    /// <summary>ε, above 0, under both roots. Default 1e-6 (PyTorch's and the paper's).</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not above 0, or not finite.</exception>
    public double Epsilon { get; init => field = Require.Positive(value); } = 1e-6;

    /// <inheritdoc/>
    public override IReadOnlyList<StateTensor> State => States;

    /// <inheritdoc/>
    public override UpdateKernel CreateKernel() => UpdateKernel.TwoStates(this, scalars => new AdadeltaRule(this, scalars));
}

internal readonly struct AdadeltaRule(AdadeltaOptions options, StepScalars scalars) : IUpdateRule2
{
    private readonly double _rho = options.Rho;
    private readonly double _gain = 1 - options.Rho;
    private readonly double _epsilon = options.Epsilon;
    private readonly double _minusRate = -scalars.LearningRate;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Update<TLane>(ref TLane p, TLane g, ref TLane v, ref TLane u) where TLane : struct, ILane<TLane>
    {
        TLane rho = TLane.Broadcast(_rho);
        TLane gain = TLane.Broadcast(_gain);
        TLane epsilon = TLane.Broadcast(_epsilon);
        v = TLane.FusedMultiplyAdd(gain * g, g, rho * v);
        TLane d = TLane.Sqrt(u + epsilon) / TLane.Sqrt(v + epsilon) * g;
        u = TLane.FusedMultiplyAdd(gain * d, d, rho * u);
        p = TLane.FusedMultiplyAdd(TLane.Broadcast(_minusRate), d, p);
    }
}
