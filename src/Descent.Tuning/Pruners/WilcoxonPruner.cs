using System.Globalization;

namespace Descent.Tuning.Pruners;

/// <summary>Stops a trial that is significantly worse than the best complete one on the folds, or problems, that both have reported.</summary>
/// <remarks>
/// Steps are folds: step 3 of one trial is measured on the same data as step 3 of any other. The differences on common folds are put to Wilcoxon's signed-rank test, one-sided, with its
/// exact distribution. A trial whose mean on the common folds is not worse is never stopped. That the test is repeated after every fold makes its level more than the
/// threshold: it is a rule for stopping, no proof. Reference: Wilcoxon, "Individual Comparisons by Ranking Methods", Biometrics Bulletin 1 (1945); Optuna has a pruner of this
/// name since 3.6.
/// </remarks>
public sealed class WilcoxonPruner : IPruner
{
    /// <summary>A trial is stopped below this p-value. Above 0, below 1; default 0.1 (as in Optuna).</summary>
    public double Threshold
    {
        get;
        init => field = value is > 0 and < 1 ? value
            : throw new ArgumentOutOfRangeException(nameof(Threshold), value, string.Create(CultureInfo.InvariantCulture, $"Threshold is {value}; allowed: above 0 and below 1."));
    } = 0.1;

    /// <summary>Common folds there must be. At least 1; default 2. Four are needed for a p-value below 0.1 at all.</summary>
    public int MinimumFolds { get; init => field = Allowed.AtLeast(value, 1); } = 2;

    /// <inheritdoc/>
    public PruningDecision Decide(TrialHistory history, TrialRecord trial)
    {
        ArgumentNullException.ThrowIfNull(history);
        ArgumentNullException.ThrowIfNull(trial);
        if (history.Best is not { } best || best == trial)
        {
            return PruningDecision.Continue;
        }

        Dictionary<long, double> reference = best.Reported.ToDictionary(static reported => reported.Step, reported => history.Loss(reported.Value));
        List<double> differences = [];
        foreach (ReportedValue reported in trial.Reported)
        {
            if (reference.TryGetValue(reported.Step, out double loss))
            {
                double difference = history.Loss(reported.Value) - loss;
                differences.Add(double.IsNaN(difference) ? 0 : difference); // both infinite
            }
        }

        if (differences.Count < MinimumFolds || !(differences.Sum() > 0))
        {
            return PruningDecision.Continue;
        }

        double p = SignedRankTest.ProbabilityOfLarger([.. differences]);
        return p < Threshold
            ? PruningDecision.Stop(string.Create(CultureInfo.InvariantCulture,
                $"worse than trial {best.Number} on {differences.Count} common folds (signed-rank test, p = {p:G3})"))
            : PruningDecision.Continue;
    }
}
