using Descent.Tuning;

namespace Descent.Cli.Studies;

/// <summary>Who worked when at what: a lane for each worker, and several for one that holds several trials at once.</summary>
internal sealed class Timeline
{
    private Timeline(DateTimeOffset start, IReadOnlyList<string> lanes, IReadOnlyList<Bar> bars, int spans) => (Start, Lanes, Bars, Spans) = (start, lanes, bars, spans);

    /// <summary>When the first trial was taken.</summary>
    public DateTimeOffset Start { get; }

    /// <summary>What the lanes are called, by the time of their first trial.</summary>
    public IReadOnlyList<string> Lanes { get; }

    /// <summary>What is drawn.</summary>
    public IReadOnlyList<Bar> Bars { get; }

    /// <summary>How many spans there are in all.</summary>
    public int Spans { get; }

    /// <summary>One span of a trial.</summary>
    /// <param name="Trial">Its number.</param>
    /// <param name="Lane">Position of its lane.</param>
    /// <param name="From">Seconds after the start.</param>
    /// <param name="Seconds">How long.</param>
    /// <param name="IsLast">Whether the trial ended with it, or is under way in it.</param>
    public sealed record Bar(int Trial, int Lane, double From, double Seconds, bool IsLast);

    /// <summary>The timeline of a study; none: no trial was taken yet.</summary>
    /// <param name="history">The study's trials.</param>
    /// <param name="now">How far those go that are under way.</param>
    public static Timeline? Of(TrialHistory history, DateTimeOffset now)
    {
        var spans = history.Trials
            .SelectMany(static trial => trial.Spans.Select((span, place) => (Trial: trial.Number, Span: span, IsLast: place == trial.Spans.Count - 1 && (trial.IsFinished || span.End is null))))
            .OrderBy(static one => one.Span.Start)
            .ToArray();
        if (spans.Length == 0)
        {
            return null;
        }

        DateTimeOffset start = spans[0].Span.Start;
        List<(string Worker, int Number, DateTimeOffset Free)> lanes = [];
        List<Bar> bars = [];
        foreach ((int trial, TrialSpan span, bool isLast) in spans)
        {
            string worker = span.Worker ?? "unknown";
            DateTimeOffset end = span.End ?? (now > span.Start ? now : span.Start);
            int lane = lanes.FindIndex(one => one.Worker == worker && one.Free <= span.Start);
            if (lane < 0)
            {
                lane = lanes.Count;
                lanes.Add((worker, lanes.Count(one => one.Worker == worker), default));
            }

            lanes[lane] = lanes[lane] with { Free = end };
            bars.Add(new Bar(trial, lane, (span.Start - start).TotalSeconds, (end - span.Start).TotalSeconds, isLast));
        }

        string[] names = [.. lanes.Select(one => lanes.Exists(other => other.Worker == one.Worker && other.Number > 0) ? $"{one.Worker} #{one.Number + 1}" : one.Worker)];
        return new Timeline(start, names, [.. StudyChoice.Evenly(bars, StudyChoice.MostSpans)], bars.Count);
    }
}
