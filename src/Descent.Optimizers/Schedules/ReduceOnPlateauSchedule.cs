namespace Descent.Optimizers;

/// <summary>
/// Falls by a factor when a watched value has stopped improving (<c>torch.optim.lr_scheduler.ReduceLROnPlateau</c>).
/// <see cref="Schedule.At"/> gives the warm-up alone; multiply it by the state's <see cref="PlateauState.Multiplier"/> and pass every
/// checked value through <see cref="Next"/>.
/// </summary>
public sealed record ReduceOnPlateauSchedule : Schedule
{
    /// <inheritdoc/>
    public override string Kind => "reduce_on_plateau";

    /// <summary>The factor of a reduction, above 0 and below 1. Default 0.1 (PyTorch's).</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public double Factor { get; init => field = Require.Decay(Require.Positive(value)); } = 0.1;

    /// <summary>Checks without improvement that are borne, at least 0; the next one reduces. Default 10 (PyTorch's).</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative.</exception>
    public long Patience { get; init => field = Require.AtLeast(0, value); } = 10;

    /// <summary>How much better counts as better, relative to the best, at least 0. Default 1e-4 (PyTorch's, mode <c>rel</c>).</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative or not finite.</exception>
    public double Threshold { get; init => field = Require.AtLeastZero(value); } = 1e-4;

    /// <summary>Checks after a reduction that don't count, at least 0. Default 0 (PyTorch's).</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative.</exception>
    public long Cooldown { get; init => field = Require.AtLeast(0, value); }

    /// <summary>The multiplier never falls below this, from 0 to 1. Default 0 (PyTorch's <c>min_lr</c>).</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public double FinalRatio { get; init => field = Require.Fraction(value); }

    /// <summary>Whether larger values are better (accuracy) instead of smaller ones (loss). Default false.</summary>
    public bool HigherIsBetter { get; init; }

    /// <summary>The state after one more check. NaN counts as no improvement.</summary>
    /// <param name="state">The state so far; a new <see cref="PlateauState"/> at the beginning.</param>
    /// <param name="value">The watched value.</param>
    public PlateauState Next(PlateauState state, double value)
    {
        ArgumentNullException.ThrowIfNull(state);
        bool better = IsBetter(value, state.Best);
        int bad = better || state.CooldownLeft > 0 ? 0 : state.BadChecks + 1;
        PlateauState next = state with
        {
            Best = better ? value : state.Best,
            BadChecks = bad,
            CooldownLeft = Math.Max(0, state.CooldownLeft - 1),
        };
        return bad <= Patience
            ? next
            : next with
            {
                Multiplier = Math.Max(FinalRatio, state.Multiplier * Factor),
                BadChecks = 0,
                CooldownLeft = (int)Cooldown,
            };
    }

    /// <inheritdoc/>
    protected override double Multiplier(long step, long totalSteps) => 1;

    private bool IsBetter(double value, double? best) =>
        best is not double reference ? !double.IsNaN(value)
        : HigherIsBetter ? value > reference * (1 + Threshold)
        : value < reference * (1 - Threshold);
}
