namespace Descent.Optimizers;

/// <summary>
/// Warm-up, then the base rate, then a decay over the last part of the run: training can be prolonged from any point before the decay.
/// Hu et al., "MiniCPM", 2024; Hägele et al., "Scaling Laws and Compute-Optimal Training Beyond Fixed Training Durations", 2024.
/// </summary>
public sealed record WarmupStableDecaySchedule : Schedule
{
    /// <inheritdoc/>
    public override string Kind => "warmup_stable_decay";

    /// <summary>The part of all steps after the warm-up that decays, from 0 to 1. Default 0.2 (Hägele et al.).</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public double DecayFraction { get; init => field = Require.Fraction(value); } = 0.2;

    /// <summary>Where the rate ends, from 0 to 1. Default 0 (Hägele et al.).</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public double FinalRatio { get; init => field = Require.Fraction(value); }

    /// <summary>How it comes down. Default 1 − √x, the best of those that Hägele et al. compare.</summary>
    public DecayShape Shape { get; init; }

    /// <inheritdoc/>
    protected override double Multiplier(long step, long totalSteps)
    {
        double decay = DecayFraction * totalSteps;
        double into = step - (totalSteps - decay);
        if (into <= 0)
        {
            return 1;
        }

        double over = Math.Min(1, into / decay);
        double left = Shape switch
        {
            DecayShape.OneMinusSqrt => 1 - Math.Sqrt(over),
            DecayShape.Linear => 1 - over,
            _ => Cosine(1, 0, over),
        };
        return FinalRatio + ((1 - FinalRatio) * left);
    }
}
