namespace Descent.Optimizers;

/// <summary>Falls by the same factor every step: γᵗ (<c>torch.optim.lr_scheduler.ExponentialLR</c>).</summary>
public sealed record ExponentialSchedule : Schedule
{
    /// <inheritdoc/>
    public override string Kind => "exponential";

    /// <summary>
    /// γ, above 0: the factor a step. Default null: the factor that reaches <see cref="FinalRatio"/> at the end of the run.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Not above 0.</exception>
    public double? Gamma { get; init => field = value is double gamma ? Require.Positive(gamma) : null; }

    /// <summary>Where the rate ends when <see cref="Gamma"/> isn't given, above 0. Default 0.01, our choice: two decades of decay.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not above 0.</exception>
    public double FinalRatio { get; init => field = Require.Positive(value); } = 0.01;

    /// <inheritdoc/>
    protected override double Multiplier(long step, long totalSteps) =>
        Gamma is double gamma ? Math.Pow(gamma, step) : Math.Pow(FinalRatio, (double)step / totalSteps);
}
