using System.Runtime.CompilerServices;

namespace Descent.Optimizers;

/// <summary>
/// Rprop: every parameter has a step size δ of its own that looks at the gradient's sign only. Where g and the gradient before agree, δ ← η⁺δ; where they
/// disagree, δ ← η⁻δ and this g counts as 0; always δ ← clamp(δ, δmin, δmax), θ ← θ − sign(g)·δ.
/// Riedmiller and Braun, "A Direct Adaptive Method for Faster Backpropagation Learning: The RPROP Algorithm", 1993, in the form iRprop⁻ of
/// Igel and Hüsken, "Improving the Rprop Learning Algorithm", 2000, which is PyTorch's: no step is taken back.
/// </summary>
/// <remarks>
/// <para>For full batches: the noise of mini-batches turns signs over. η⁺η⁻ below 1 keeps a size from growing while its sign alternates. The learning rate is what δ starts from and nothing else, so schedules don't act.</para>
/// <para>One deviation from PyTorch: the signs are multiplied and not the gradients, whose product of tiny ones would be 0.</para>
/// </remarks>
public sealed record RpropOptions : OptimizerOptions
{
    /// <summary>δ₀ = 1e-2 and λ = 0, the defaults of <c>torch.optim.Rprop</c> (PyTorch 2.10; the paper has 0.1).</summary>
    public RpropOptions() => LearningRate = 1e-2;

    /// <inheritdoc/>
    public override string Kind => "rprop";

    /// <summary>η⁻, above 0 and below 1: what a step size shrinks by where the sign changes. Default 0.5 (the paper's).</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public double Shrink { get; init => field = Require.Inside(value); } = 0.5;

    /// <summary>η⁺, above 1: what a step size grows by where the sign stays. Default 1.2 (the paper's).</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not above 1, or not finite.</exception>
    public double Grow { get; init => field = double.IsFinite(value) && value > 1 ? value : throw Require.Outside(nameof(Grow), value, "a finite number above 1"); } = 1.2;

    /// <summary>δmin, at least 0. Default 1e-6 (the paper's).</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative or not finite.</exception>
    public double MinimumStep { get; init => field = Require.AtLeastZero(value); } = 1e-6;

    /// <summary>δmax, above 0. Default 50 (the paper's).</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not above 0, or not finite.</exception>
    public double MaximumStep { get; init => field = Require.Positive(value); } = 50;

    /// <inheritdoc/>
    public override IReadOnlyList<StateTensor> State => [new("prev"), new("step_size", LearningRate) { NonNegative = true }];

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">The smallest step is above the largest.</exception>
    public override UpdateKernel CreateKernel() => MinimumStep <= MaximumStep
        ? UpdateKernel.TwoStates(this, _ => new RpropRule(this))
        : throw new InvalidOperationException(
            $"MinimumStep {MinimumStep} is above MaximumStep {MaximumStep}; give a smaller MinimumStep or a larger MaximumStep.");
}

internal readonly struct RpropRule(RpropOptions options) : IUpdateRule2
{
    private readonly double _shrink = options.Shrink;
    private readonly double _grow = options.Grow;
    private readonly double _minimum = options.MinimumStep;
    private readonly double _maximum = options.MaximumStep;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Update<TLane>(ref TLane p, TLane g, ref TLane previous, ref TLane size) where TLane : struct, ILane<TLane>
    {
        TLane zero = TLane.Broadcast(0);
        TLane agreement = TLane.Sign(g) * TLane.Sign(previous);
        TLane disagreement = zero - agreement;
        TLane factor = TLane.SelectPositive(
            agreement, TLane.Broadcast(_grow), TLane.SelectPositive(disagreement, TLane.Broadcast(_shrink), TLane.Broadcast(1)));
        size = TLane.Min(TLane.Max(size * factor, TLane.Broadcast(_minimum)), TLane.Broadcast(_maximum));
        previous = TLane.SelectPositive(disagreement, zero, g);
        p = TLane.FusedMultiplyAdd(zero - TLane.Sign(previous), size, p);
    }
}
