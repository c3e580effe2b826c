using System.Globalization;

namespace Descent.Tuning.Tests.Golden;

/// <summary>All that a study knows of its trials, as text: what golden journals must still say.</summary>
internal static class StudySummary
{
    public static async Task<string> OfAsync(Study study, CancellationToken cancellation) => await study.ViewAsync(
        history => string.Join('\n',
        [
            study.Space.ToString(),
            string.Join(", ", study.Directions.Select((direction, k) => k < study.Objectives.Count ? $"{study.Objectives[k]}: {direction}" : $"{direction}")),
            .. history.Trials.Select(Line),
            $"finished {string.Join(", ", history.Finished.Select(static trial => trial.Number))}; best {history.Best?.Number}",
            "",
        ]),
        cancellation);

    private static string Line(TrialRecord trial)
    {
        FormattableString line = $"trial {trial.Number} {trial.State} ({trial.Configuration}) objectives [{List(trial.Objectives)}] violation {trial.Violation} reported [{List(trial.Reported.Select(static one => FormattableString.Invariant($"{one.Step}:{one.Value}")))}] parent {trial.Parent} tag '{trial.Tag}' reason '{trial.Reason}' worker {trial.Worker} attempts {trial.Attempts} seconds {trial.Duration.TotalSeconds} notes [{List(trial.Notes.Select(static note => $"{note.Key}={note.Value}"))}]";
        return line.ToString(CultureInfo.InvariantCulture);
    }

    private static string List<T>(IEnumerable<T> items) => string.Join(", ", items.Select(static item => string.Create(CultureInfo.InvariantCulture, $"{item}")));
}
