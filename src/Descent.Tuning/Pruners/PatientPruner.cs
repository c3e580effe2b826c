using System.Globalization;

namespace Descent.Tuning.Pruners;

/// <summary>Stops a trial that has stopped improving, where another pruner agrees or there is none.</summary>
/// <remarks>
/// A trial is out of patience when its best value of the last <see cref="Patience"/> steps is not better, by <see cref="MinimumDelta"/>, than its best one
/// before those. The wrapped pruner is asked only then: it may be as strict as it likes, trials that still improve go on.
/// </remarks>
/// <param name="pruner">Who decides then; none: the trial is stopped.</param>
public sealed class PatientPruner(IPruner? pruner = null) : IPruner
{
    private readonly IPruner? _pruner = pruner;

    /// <summary>For how many steps a trial need not improve. At least 0; default 5.</summary>
    public long Patience { get; init => field = Allowed.AtLeast(value, 0); } = 5;

    /// <summary>What counts as better: by at least so much. At least 0; default 0.</summary>
    public double MinimumDelta { get; init => field = Allowed.Between(value, 0, double.MaxValue); }

    /// <inheritdoc/>
    public PruningDecision Decide(TrialHistory history, TrialRecord trial)
    {
        ArgumentNullException.ThrowIfNull(history);
        ArgumentNullException.ThrowIfNull(trial);
        if (trial.Reported.Count == 0)
        {
            return PruningDecision.Continue;
        }

        long border = trial.Reported[^1].Step - Patience;
        double before = double.NaN;
        double since = double.PositiveInfinity;
        foreach (ReportedValue reported in trial.Reported)
        {
            double loss = history.Loss(reported.Value);
            if (reported.Step < border)
            {
                before = double.IsNaN(before) ? loss : Math.Min(before, loss);
            }
            else
            {
                since = Math.Min(since, loss);
            }
        }

        // NaN: it hasn't come that far. Infinities are equal to each other, and no difference of them is taken.
        if (double.IsNaN(before) || since < before - (double.IsInfinity(before) ? 0 : MinimumDelta))
        {
            return PruningDecision.Continue;
        }

        return _pruner is not null
            ? _pruner.Decide(history, trial)
            : PruningDecision.Stop(string.Create(CultureInfo.InvariantCulture,
                $"no better than {Judgement.Shown(history, before)} for {Patience} steps, up to step {trial.Reported[^1].Step}"));
    }
}
