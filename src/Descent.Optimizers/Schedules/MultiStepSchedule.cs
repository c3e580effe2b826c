namespace Descent.Optimizers;

/// <summary>Falls by a factor at each milestone: γ^(milestones reached) (<c>torch.optim.lr_scheduler.MultiStepLR</c>).</summary>
public sealed record MultiStepSchedule : Schedule
{
    /// <inheritdoc/>
    public override string Kind => "multi_step";

    /// <summary>The steps after the warm-up at which the rate falls, each at least 1, in any order. Default: none.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A milestone is below 1.</exception>
    public IReadOnlyList<long> Milestones
    {
        get;
        init => field = [.. value.Select(static milestone => Require.AtLeast(1, milestone, nameof(Milestones)))];
    } = [];

    /// <summary>γ, above 0: the factor at each milestone. Default 0.1 (PyTorch's).</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not above 0.</exception>
    public double Gamma { get; init => field = Require.Positive(value); } = 0.1;

    /// <inheritdoc/>
    protected override double Multiplier(long step, long totalSteps) =>
        Math.Pow(Gamma, Milestones.Count(milestone => milestone <= step));
}
