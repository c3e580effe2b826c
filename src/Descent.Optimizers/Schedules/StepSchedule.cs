namespace Descent.Optimizers;

/// <summary>Falls by a factor at regular intervals: γ^⌊t/s⌋ (<c>torch.optim.lr_scheduler.StepLR</c>).</summary>
public sealed record StepSchedule : Schedule
{
    /// <inheritdoc/>
    public override string Kind => "step";

    /// <summary>s, steps between two falls, at least 1. Default null: a third of the steps, as He et al., 2016, trained their ResNets.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Below 1.</exception>
    public long? StepSize { get; init => field = value is long size ? Require.AtLeast(1, size) : null; }

    /// <summary>γ, above 0: the factor at each fall. Default 0.1 (PyTorch's).</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not above 0.</exception>
    public double Gamma { get; init => field = Require.Positive(value); } = 0.1;

    /// <inheritdoc/>
    protected override double Multiplier(long step, long totalSteps) =>
        Math.Pow(Gamma, step / (StepSize ?? Math.Max(1, (totalSteps + 2) / 3)));
}
