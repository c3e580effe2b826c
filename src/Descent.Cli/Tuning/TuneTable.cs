using Descent.Tuning;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Descent.Cli.Tuning;

/// <summary>Draws the trials of a study as a table that fits a terminal: the best ones, those under way, those that ended last.</summary>
/// <param name="metric">The metric that decides.</param>
/// <param name="wanted">How many trials there are to be; null: not known.</param>
/// <param name="rows">Rows at most.</param>
internal sealed class TuneTable(string metric, int? wanted, int rows = 14)
{
    private const int Best = 3;

    private static readonly Style Soft = new(Color.Grey);
    private static readonly Style Good = new(Color.Green);
    private static readonly Style Bad = new(Color.Red);

    /// <summary>The table.</summary>
    /// <param name="history">The trials.</param>
    /// <param name="progress">The step that a trial of this process stands at, and how many there will be.</param>
    /// <param name="width">Columns of the terminal.</param>
    /// <param name="note">What else there is to say.</param>
    public IRenderable Draw(TrialHistory history, Func<int, (long Step, long? Total)?> progress, int width, string? note)
    {
        var table = new Table().Border(TableBorder.Rounded).BorderStyle(Soft);
        table.AddColumn(new TableColumn("trial").RightAligned().NoWrap());
        table.AddColumn(new TableColumn("state").NoWrap());
        table.AddColumn(new TableColumn(new Text(metric)).RightAligned().NoWrap());
        table.AddColumn(new TableColumn("step").RightAligned().NoWrap());
        table.AddColumn(new TableColumn("time").RightAligned().NoWrap());
        table.AddColumn(new TableColumn("settings"));
        foreach (TrialRecord trial in Chosen(history))
        {
            table.AddRow(
                new Text($"{trial.Number}"),
                State(trial, trial == history.Best),
                new Text(TuneText.ValueOf(trial, history) is { } value ? Figures.Number(value) : "…"),
                new Text(Step(trial, progress(trial.Number))),
                new Text(trial.IsFinished ? Figures.Duration(trial.Duration.TotalSeconds) : "…"),
                new Text(Settings(trial), Soft) { Overflow = Overflow.Ellipsis });
        }

        string of = wanted is { } count ? $" of {count}" : "";
        var head = new Text($"{history.Trials.Count}{of} trials{(history.Trials.Count > 0 ? ": " + TuneText.Counts(history.Trials) : "")}");
        table.Width(Math.Max(40, width - 2));
        return note is null ? new Rows(head, table) : new Rows(head, table, new Text(note, new Style(Color.Yellow)));
    }

    private IEnumerable<TrialRecord> Chosen(TrialHistory history)
    {
        TrialRecord[] best = [.. history.Finished.Where(static trial => trial.State == TrialState.Complete).OrderBy(trial => history.Loss(trial)).Take(Best)];
        TrialRecord[] running = [.. history.Unfinished.TakeLast(rows - best.Length)];
        int left = Math.Max(0, rows - best.Length - running.Length);
        IEnumerable<TrialRecord> last = history.Finished.Reverse().Where(trial => !best.Contains(trial)).Take(left).Reverse();
        return [.. best, .. last, .. running];
    }

    private static Text State(TrialRecord trial, bool isBest) => trial.State switch
    {
        TrialState.Complete => new Text(isBest ? "best" : "complete", Good),
        TrialState.Failed => new Text("failed", Bad),
        TrialState.Running => new Text("running"),
        var other => new Text(TuneText.StateOf(other), Soft),
    };

    private static string Step(TrialRecord trial, (long Step, long? Total)? progress) =>
        progress is { } at ? $"{Figures.Whole(at.Step)}{(at.Total is { } total ? "/" + Figures.Whole(total) : "")}"
        : trial.Reported.Count > 0 ? Figures.Whole(trial.Reported[^1].Step)
        : "…";

    private static string Settings(TrialRecord trial) =>
        trial is { State: TrialState.Failed, Reason: { } reason } ? reason : TuneText.Point(trial.Configuration);
}
