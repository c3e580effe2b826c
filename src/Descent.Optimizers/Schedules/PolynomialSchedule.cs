namespace Descent.Optimizers;

/// <summary>Falls as a power of what is left: f + (1−f)(1 − t/T)ᵖ (<c>torch.optim.lr_scheduler.PolynomialLR</c> at f = 0).</summary>
public sealed record PolynomialSchedule : Schedule
{
    /// <inheritdoc/>
    public override string Kind => "polynomial";

    /// <summary>p, above 0. Default 1, a straight line (PyTorch's).</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not above 0.</exception>
    public double Power { get; init => field = Require.Positive(value); } = 1;

    /// <summary>f, from 0 to 1: where the rate ends. Default 0 (PyTorch's).</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public double FinalRatio { get; init => field = Require.Fraction(value); }

    /// <inheritdoc/>
    protected override double Multiplier(long step, long totalSteps) =>
        FinalRatio + ((1 - FinalRatio) * Math.Pow(1 - ((double)step / totalSteps), Power));
}
