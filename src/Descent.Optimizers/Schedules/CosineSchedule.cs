namespace Descent.Optimizers;

/// <summary>
/// Half a cosine: f + (1−f)(1 + cos(πt/T))/2 (<c>torch.optim.lr_scheduler.CosineAnnealingLR</c>).
/// Loshchilov and Hutter, "SGDR: Stochastic Gradient Descent with Warm Restarts", 2017, equation 5, without restarts.
/// </summary>
public sealed record CosineSchedule : Schedule
{
    /// <inheritdoc/>
    public override string Kind => "cosine";

    /// <summary>f, from 0 to 1: where the rate ends. Default 0 (PyTorch's).</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public double FinalRatio { get; init => field = Require.Fraction(value); }

    /// <inheritdoc/>
    protected override double Multiplier(long step, long totalSteps) => Cosine(1, FinalRatio, (double)step / totalSteps);
}
