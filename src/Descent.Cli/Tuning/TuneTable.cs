using Descent.Cli.Studies;
using Descent.Tuning;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Descent.Cli.Tuning;

/// <summary>Draws the trials of a study as a table that fits a terminal, a line each: the best ones, those that ended last, those under way.</summary>
/// <param name="objectives">What trials are compared by, a column each.</param>
/// <param name="wanted">How many trials there are to be; null: not known.</param>
internal sealed class TuneTable(IReadOnlyList<TuneObjective> objectives, int? wanted)
{
    // Of the best ones; of a front more, as none of it is better than another.
    private const int Best = 3;
    private const int MostOfFront = 6;
    private const int MostRows = 16;

    // The head, the columns' names with a line above and below, two of a note, the cursor.
    private const int OtherLines = 8;

    // Between columns and at both ends, as the border draws them.
    private const int Gap = 3;

    private static readonly Style Soft = new(Color.Grey);
    private static readonly Style Good = new(Color.Green);
    private static readonly Style Bad = new(Color.Red);

    /// <summary>The table.</summary>
    /// <param name="history">The trials.</param>
    /// <param name="progress">The step that a trial of this process stands at, and how many there will be.</param>
    /// <param name="width">Columns of the terminal.</param>
    /// <param name="height">Lines of the terminal.</param>
    /// <param name="now">The time up to which trials have taken that are under way.</param>
    /// <param name="note">What else there is to say.</param>
    public IRenderable Draw(TrialHistory history, Func<int, (long Step, long? Total)?> progress, int width, int height, DateTimeOffset now, string? note)
    {
        IReadOnlyList<TrialRecord> front = objectives.Count > 1 ? history.Front() : history.Best is { } single ? [single] : [];
        TrialRecord[] trials = [.. Chosen(history, front, Math.Clamp(height - OtherLines, 3, MostRows))];
        string[][] values = [.. objectives.Select((objective, k) => trials.Select(trial => TuneText.ValueOf(trial, history, k) is { } value ? objective.Format(value) : "–").ToArray())];
        string[] steps = [.. trials.Select(trial => Step(trial, progress(trial.Number)))];
        string[] times = [.. trials.Select(trial => Time(trial, now))];
        int used = Math.Max("trial".Length, Length($"{history.Trials.Count}")) + "complete".Length + objectives.Zip(values, static (objective, cells) => Widest(objective.Short, cells)).Sum() + Widest("step", steps) + Widest("time", times) + ((6 + objectives.Count) * Gap);
        (string head, IReadOnlyList<string> settings) = Settings(history.Space, trials, Math.Max(12, width - used));

        var table = new Table().Border(TableBorder.Simple).BorderStyle(Soft);
        table.AddColumn(new TableColumn("trial").RightAligned().NoWrap());
        table.AddColumn(new TableColumn("state").NoWrap());
        foreach (TuneObjective objective in objectives)
        {
            table.AddColumn(new TableColumn(new Text(objective.Short)).RightAligned().NoWrap());
        }

        table.AddColumn(new TableColumn("step").RightAligned().NoWrap());
        table.AddColumn(new TableColumn("time").RightAligned().NoWrap());
        table.AddColumn(new TableColumn(new Text(head, Soft)).NoWrap());
        for (int i = 0; i < trials.Length; i++)
        {
            table.AddRow(
            [
                new Text($"{trials[i].Number}"),
                State(trials[i], front.Contains(trials[i]) ? objectives.Count > 1 ? "front" : "best" : null),
                .. values.Select(cells => new Text(cells[i])),
                new Text(steps[i]),
                new Text(times[i]),
                new Text(settings[i], trials[i].State == TrialState.Failed ? Bad : Soft),
            ]);
        }

        string of = wanted is { } count ? $" of {count}" : "";
        var first = new Text(Cut($"{string.Join(", ", objectives.Select(static objective => objective.Name))}: {history.Trials.Count}{of} trials{(history.Trials.Count > 0 ? ": " + TuneText.Counts(history.Trials) : "")}", width - 1));
        return note is null ? new Rows(first, table) : new Rows(first, table, new Text(note, new Style(Color.Yellow)));
    }

    private static IEnumerable<TrialRecord> Chosen(TrialHistory history, IReadOnlyList<TrialRecord> front, int rows)
    {
        TrialRecord[] best = history.Directions.Count > 1
            ? [.. StudyChoice.Evenly(front, Math.Clamp(rows / 2, 2, MostOfFront))]
            : [.. history.Finished.Where(static trial => trial.State == TrialState.Complete).OrderBy(trial => history.Loss(trial)).Take(Math.Min(Best, rows / 3))];
        TrialRecord[] running = [.. history.Unfinished.TakeLast(rows - best.Length)];
        int left = Math.Max(0, rows - best.Length - running.Length);
        IEnumerable<TrialRecord> last = history.Finished.Reverse().Where(trial => !best.Contains(trial)).Take(left).Reverse();
        return [.. best, .. last, .. running];
    }

    private static Text State(TrialRecord trial, string? mark) => trial.State switch
    {
        TrialState.Complete => new Text(mark ?? "complete", Good),
        TrialState.Failed => new Text("failed", Bad),
        TrialState.Running => new Text("running"),
        var other => new Text(TuneText.StateOf(other), Soft),
    };

    private static string Step(TrialRecord trial, (long Step, long? Total)? progress) =>
        progress is { } at ? $"{Figures.Whole(at.Step)}{(at.Total is { } total ? "/" + Figures.Whole(total) : "")}"
        : trial.Reported.Count > 0 ? Figures.Whole(trial.Reported[^1].Step)
        : "–";

    private static string Time(TrialRecord trial, DateTimeOffset now)
    {
        TimeSpan since = trial.State == TrialState.Running && trial.Spans is [.., { End: null } held] && now > held.Start ? now - held.Start : TimeSpan.Zero;
        return Figures.Duration((trial.Duration + since).TotalSeconds);
    }

    /// <summary>A column for each parameter, by the last part of its name, as far as they fit; a trial that failed has its reason there.</summary>
    private static (string Head, IReadOnlyList<string> Rows) Settings(SearchSpace space, TrialRecord[] trials, int width)
    {
        List<string[]> columns = [.. TuneText.ShortNames(space).Select((name, place) => (string[])
        [
            name,
            .. trials.Select(trial => trial.State == TrialState.Failed ? "" : trial.Configuration.TryGetValue(space.Parameters[place].Name, out ParameterValue value) ? TuneText.Value(value) : "–"),
        ])];
        string[] lines = new string[trials.Length + 1];
        int[] widths = [.. columns.Select(static column => column.Max(Length))];
        for (int line = 0; line < lines.Length; line++)
        {
            string all = string.Join("  ", columns.Select((column, place) => column[line] + new string(' ', widths[place] - Length(column[line]))));
            lines[line] = Cut(line > 0 && trials[line - 1] is { State: TrialState.Failed, Reason: { } reason } ? reason : all.TrimEnd(), width);
        }

        return (lines[0], lines[1..]);
    }

    private static int Widest(string head, string[] cells) => cells.Append(head).Max(Length);

    private static int Length(string text) => text.GetCellWidth();

    private static string Cut(string text, int width)
    {
        // Reasons may be pages long.
        string line = (text.Length > 4 * width ? text[..(4 * width)] : text).ReplaceLineEndings(" ");
        if (Length(line) <= width)
        {
            return line;
        }

        int kept = 0;
        while (kept < line.Length && Length(line[..(kept + 1)]) < width)
        {
            kept++;
        }

        return line[..kept] + "…";
    }
}
