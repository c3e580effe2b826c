namespace Descent.Optimizers;

/// <summary>
/// Exponential moving average, a ← d·a + (1 − d)·θ. Polyak and Juditsky, "Acceleration of Stochastic Approximation by Averaging", 1992, is the mean's
/// theory; the exponential form is custom since Inception (Szegedy et al. 2016).
/// </summary>
public sealed record EmaOptions : AverageOptions
{
    /// <inheritdoc/>
    public override string Kind => "ema";

    /// <summary>d, from 0 to below 1. Default 0.999 (PyTorch's <c>get_ema_multi_avg_fn</c>).</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public double Decay { get; init => field = Require.Decay(value); } = 0.999;

    /// <summary>
    /// Whether d is at most (1 + t)/(10 + t) at the t-th update, so that the first, bad weights are forgotten (TensorFlow's <c>num_updates</c>). Default: true.
    /// </summary>
    public bool Warmup { get; init; } = true;

    /// <summary>Steps between updates, at least 1. Default 1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Below 1.</exception>
    public long EverySteps { get; init => field = Require.AtLeast(1, value); } = 1;

    /// <inheritdoc/>
    public override bool IsDue(long step, long? steps, long stepsPerEpoch) => step % EverySteps == 0;

    /// <inheritdoc/>
    public override double Gain(long updates) => 1 - (Warmup ? Math.Min(Decay, (1.0 + updates) / (10.0 + updates)) : Decay);
}
