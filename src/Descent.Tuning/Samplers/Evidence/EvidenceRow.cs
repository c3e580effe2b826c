namespace Descent.Tuning.Samplers;

/// <summary>A finished trial as a row of data.</summary>
internal sealed class EvidenceRow : IComparable<EvidenceRow>
{
    private EvidenceRow(TrialRecord trial, EvidenceClass kind) => (Trial, Class) = (trial, kind);

    /// <summary>The trial.</summary>
    public TrialRecord Trial { get; }

    /// <summary>Its class.</summary>
    public EvidenceClass Class { get; }

    /// <summary>
    /// Smaller is better. Complete: the loss, or the place in NSGA-II's order where there are several objectives. Pruned: the last loss it reported. Infeasible: the violation.
    /// </summary>
    public double Loss { get; set; }

    /// <summary>All losses of a complete trial.</summary>
    public double[] Losses { get; private init; } = [];

    /// <summary>The last step that a pruned trial reported a value at; −1: none.</summary>
    public long LastStep { get; private init; } = -1;

    public static EvidenceRow Of(TrialHistory history, TrialRecord trial)
    {
        if (trial.State == TrialState.Pruned)
        {
            ReportedValue? last = trial.Reported.Count > 0 ? trial.Reported[^1] : null;
            return new EvidenceRow(trial, EvidenceClass.Pruned)
            {
                Loss = last is { } reported ? history.Loss(reported.Value) : double.PositiveInfinity,
                LastStep = last?.Step ?? -1,
            };
        }

        if (trial.State != TrialState.Complete)
        {
            return new EvidenceRow(trial, EvidenceClass.Failed);
        }

        double[] losses = [.. Enumerable.Range(0, history.Directions.Count).Select(objective => Math.Max(history.Loss(trial, objective), double.MinValue))];
        return trial.Violation > 0 || double.IsNaN(trial.Violation) ? new EvidenceRow(trial, EvidenceClass.Infeasible) { Losses = losses, Loss = trial.Violation }
            : losses.Contains(double.PositiveInfinity) ? new EvidenceRow(trial, EvidenceClass.Failed)
            : new EvidenceRow(trial, EvidenceClass.Complete) { Losses = losses, Loss = losses[0] };
    }

    /// <inheritdoc/>
    public int CompareTo(EvidenceRow? other)
    {
        ArgumentNullException.ThrowIfNull(other);
        int order = Class.CompareTo(other.Class);
        order = order != 0 ? order : other.LastStep.CompareTo(LastStep);
        return order != 0 ? order : Loss.CompareTo(other.Loss);
    }
}
