using Descent.Tuning;
using Descent.Tuning.Samplers;

namespace Descent.Cli.Tuning;

/// <summary>What came of a study so far.</summary>
/// <param name="Counts">How many trials ended how.</param>
/// <param name="Best">The best trial; null: none is complete.</param>
/// <param name="LastFailure">Why a trial failed last; null: none did.</param>
/// <param name="Table">All trials, as CSV.</param>
internal sealed record StudySummary(string Counts, BestTrial? Best, string? LastFailure, string Table)
{
    /// <summary>Where there are several objectives: the trials that no other is better than, from the best to the worst in the first one. Then there is no best one.</summary>
    public IReadOnlyList<FrontTrial> Front { get; init; } = [];

    /// <summary>Where trials are rounds: the settings that led to the best one, round by round; null: they aren't.</summary>
    public HyperparameterSchedule? Schedule { get; init; }
}

/// <summary>The best trial of a study.</summary>
/// <param name="Number">Its number.</param>
/// <param name="Value">Its metric.</param>
/// <param name="Point">Its settings.</param>
/// <param name="Run">Its run's folder, as the machine that trained it calls it.</param>
internal sealed record BestTrial(int Number, double Value, Configuration Point, string? Run);
