using System.Globalization;

namespace Descent.Tuning.Pruners;

/// <summary>Stops a trial that reports NaN, or a value outside bounds.</summary>
public sealed class ThresholdPruner : IPruner
{
    /// <summary>Values below this stop a trial. At most <see cref="Upper"/>; default −∞: none does.</summary>
    public double Lower { get; init => field = Bound(value, value <= Upper, nameof(Lower)); } = double.NegativeInfinity;

    /// <summary>Values above this stop a trial. At least <see cref="Lower"/>; default +∞: none does.</summary>
    public double Upper { get; init => field = Bound(value, value >= Lower, nameof(Upper)); } = double.PositiveInfinity;

    /// <summary>Steps below this are never judged. Default 0.</summary>
    public long WarmupSteps { get; init => field = Allowed.AtLeast(value, 0); }

    /// <summary>Reports are judged once in so many steps. Default 1: every report.</summary>
    public long Interval { get; init => field = Allowed.AtLeast(value, 1); } = 1;

    /// <inheritdoc/>
    public PruningDecision Decide(TrialHistory history, TrialRecord trial)
    {
        ArgumentNullException.ThrowIfNull(history);
        if (!Judgement.IsDue(trial, WarmupSteps, Interval))
        {
            return PruningDecision.Continue;
        }

        (long step, double value) = (trial.Reported[^1].Step, trial.Reported[^1].Value);
        return value >= Lower && value <= Upper
            ? PruningDecision.Continue
            : PruningDecision.Stop(string.Create(CultureInfo.InvariantCulture, $"{value:G6} at step {step} is outside {Lower:G6} to {Upper:G6}"));
    }

    // NaN is in no order.
    private static double Bound(double value, bool ordered, string name) =>
        ordered ? value : throw new ArgumentOutOfRangeException(name, value, $"{name} is {value.ToString("G6", CultureInfo.InvariantCulture)}; allowed: a number or an infinity, Lower at most Upper.");
}
