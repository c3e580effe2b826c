using Descent.Cli.Tuning;

namespace Descent.Cli.Studies;

/// <summary>What a page says of a study that its trials don't.</summary>
/// <param name="Name">The study's name.</param>
/// <param name="Objectives">What each objective is called, in their order; missing ones are numbered.</param>
internal sealed record StudyText(string Name, IReadOnlyList<string> Objectives)
{
    /// <summary>What a person can do next, a command each.</summary>
    public IReadOnlyList<string> Commands { get; init; } = [];

    /// <summary>Where <c>descent tune</c> made the study: the run file of a trial on the front, as a command names it; null: a program of its own did.</summary>
    public Func<int, string>? FileOf { get; init; }

    /// <summary>The page with the curves of the best runs, as a relative address; none: there is none.</summary>
    public string? Curves { get; init; }

    /// <summary>Which cost of runs an objective is, with its unit; none: a metric, or something of which nothing is known but the name.</summary>
    /// <param name="objective">Which.</param>
    public TuneObjective? CostOf(int objective) => FileOf is null ? null : TuneObjective.Costs.FirstOrDefault(cost => cost.Name == ObjectiveOf(objective));

    /// <summary>What an objective is called.</summary>
    /// <param name="objective">Which.</param>
    public string ObjectiveOf(int objective) =>
        objective < Objectives.Count ? Objectives[objective] : objective == 0 && Objectives.Count == 0 ? "objective" : $"objective {objective + 1}";
}
