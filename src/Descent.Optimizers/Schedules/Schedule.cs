namespace Descent.Optimizers;

/// <summary>The learning rate over time, as a multiplier of the base rate: a pure function of the step.</summary>
/// <remarks>
/// Steps are counted from 0 here: <c>At(0, n)</c> belongs to the first update, as <c>last_epoch</c> in PyTorch's schedulers. With w
/// warm-up steps the multiplier is (step+1)/(w+1) while step &lt; w, reaches 1 at step w, and the schedule proper begins there, over
/// the remaining total − w steps.
/// </remarks>
public abstract record Schedule
{
    /// <summary>The schedule's name in <see cref="ScheduleCatalog"/> and run files.</summary>
    public abstract string Kind { get; }

    /// <summary>w, steps of linear warm-up before the schedule proper, at least 0. Default 0.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative.</exception>
    public long WarmupSteps { get; init => field = Require.AtLeast(0, value); }

    /// <summary>The multiplier of the base rate.</summary>
    /// <param name="step">Updates already done, from 0; beyond the total the last value stays.</param>
    /// <param name="totalSteps">Updates in all, warm-up included, at least 1; <see cref="long.MaxValue"/> where there is no end.</param>
    /// <exception cref="ArgumentOutOfRangeException">A negative step, or a total below 1.</exception>
    public double At(long step, long totalSteps)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        ArgumentOutOfRangeException.ThrowIfLessThan(totalSteps, 1);
        if (step < WarmupSteps)
        {
            return (step + 1.0) / (WarmupSteps + 1.0);
        }

        long rest = Math.Max(1, totalSteps - WarmupSteps);
        return Multiplier(Math.Min(step - WarmupSteps, rest), rest);
    }

    /// <summary>The schedule proper.</summary>
    /// <param name="step">Steps since the warm-up, 0 … <paramref name="totalSteps"/>.</param>
    /// <param name="totalSteps">Steps after the warm-up, at least 1.</param>
    protected abstract double Multiplier(long step, long totalSteps);

    /// <summary>Half a cosine from <paramref name="from"/> at 0 to <paramref name="to"/> at 1.</summary>
    /// <param name="from">Value at the beginning.</param>
    /// <param name="to">Value at the end.</param>
    /// <param name="fraction">0 … 1.</param>
    protected static double Cosine(double from, double to, double fraction) =>
        to + ((from - to) * (1 + Math.Cos(Math.PI * fraction)) / 2);
}
