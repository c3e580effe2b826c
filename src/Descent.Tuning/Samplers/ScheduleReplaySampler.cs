namespace Descent.Tuning.Samplers;

/// <summary>Trains by a schedule that Population Based Training found: a trial a round, each from the checkpoint of the one before; then the study ends.</summary>
/// <param name="schedule">The schedule.</param>
public sealed class ScheduleReplaySampler(HyperparameterSchedule schedule) : ISampler
{
    private const string TagStart = "round ";

    private readonly HyperparameterSchedule _schedule = schedule ?? throw new ArgumentNullException(nameof(schedule));

    /// <inheritdoc/>
    /// <remarks>While a round is running there is nothing to propose; a round that failed is proposed again.</remarks>
    public Proposal? Propose(TrialHistory history, SearchSpace space, CounterRandom random)
    {
        ArgumentNullException.ThrowIfNull(history);
        TrialRecord? last = history.Trials.LastOrDefault(static trial => trial.Tag?.StartsWith(TagStart, StringComparison.Ordinal) == true && trial.State != TrialState.Failed);
        int round = last is null ? 0 : int.Parse(last.Tag.AsSpan(TagStart.Length), System.Globalization.CultureInfo.InvariantCulture) + 1;
        return round >= _schedule.Rounds.Count || last is { IsFinished: false }
            ? null
            : new Proposal(_schedule.Rounds[round]) { Parent = last?.Number, Tag = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{TagStart}{round}") };
    }
}
