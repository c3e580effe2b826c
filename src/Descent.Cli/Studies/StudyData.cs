using System.Globalization;
using System.Text;
using System.Text.Json;
using Descent.Cli.Tuning;
using Descent.Tuning;
using Descent.Tuning.Importance;

namespace Descent.Cli.Studies;

/// <summary>A study as the JSON that the page's script draws. Trials are columns: a number less in each of ten thousand rows is a page that opens sooner.</summary>
internal static class StudyData
{
    private const int Places = 41;
    private const int MostPairs = 6;

    /// <summary>
    /// One object. It is safe inside a script element: the default encoder escapes angle brackets, quotes and everything that isn't ASCII.
    /// </summary>
    /// <param name="history">The study's trials.</param>
    /// <param name="text">What they don't say.</param>
    /// <param name="front">The trials of the front, where there are several objectives.</param>
    /// <param name="timeline">Who worked when; none: nobody yet.</param>
    public static string Write(TrialHistory history, StudyText text, IReadOnlyList<int> front, Timeline? timeline)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            WriteObjectives(json, history, text);
            WriteParameters(json, history.Space);
            WriteTrials(json, history);
            TrialRecord[] ranked = StudyChoice.Ranked(history, front);
            TrialRecord[] pruned = [.. history.Finished.Where(trial => trial.State == TrialState.Pruned).OrderBy(trial => Reached(trial, history) is { } value ? history.Loss(value) : double.PositiveInfinity)];
            WriteNumbers(json, "points", StudyChoice.Of([.. ranked, .. pruned], StudyChoice.MostPoints));
            WriteNumbers(json, "lines", StudyChoice.Of(ranked, StudyChoice.MostLines));
            WriteNumbers(json, "front", front);
            WriteCurves(json, [.. ranked, .. pruned, .. history.Unfinished, .. history.Finished.Where(static trial => trial.State == TrialState.Failed)]);
            WriteImportance(json, history);
            WriteTimeline(json, timeline);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length);
    }

    /// <summary>The best that a trial without a result reported; none: nothing, or its reports are no objective, as there are several.</summary>
    public static double? Reached(TrialRecord trial, TrialHistory history) => history.Directions.Count == 1 ? TuneText.ValueOf(trial, history) : null;

    private static void WriteObjectives(Utf8JsonWriter json, TrialHistory history, StudyText text)
    {
        json.WriteStartArray("objectives");
        for (int objective = 0; objective < history.Directions.Count; objective++)
        {
            json.WriteStartObject();
            json.WriteString("name", text.ObjectiveOf(objective));
            json.WriteBoolean("lower", history.Directions[objective] == Direction.Minimize);
            if (text.CostOf(objective) is { InBytes: true })
            {
                json.WriteBoolean("bytes", true);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteParameters(Utf8JsonWriter json, SearchSpace space)
    {
        json.WriteStartArray("parameters");
        foreach (Parameter parameter in space.Parameters)
        {
            json.WriteStartObject();
            json.WriteString("name", parameter.Name);
            if (parameter.Condition is { } condition)
            {
                json.WriteString("condition", condition.ToString());
            }

            switch (parameter)
            {
                case FloatParameter real:
                    Range(real.Low, real.High, real.IsLog, false);
                    break;
                case IntegerParameter whole:
                    Range(whole.Low, whole.High, whole.IsLog, true);
                    break;
                case CategoricalParameter choice:
                    json.WriteStartArray("choices");
                    foreach (ParameterValue value in choice.Choices)
                    {
                        json.WriteStringValue(value.ToString());
                    }

                    json.WriteEndArray();
                    break;
                default:
                    throw new NotSupportedException($"{parameter.Name} is a {parameter.GetType().Name}, which the page can't show.");
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();

        void Range(double low, double high, bool log, bool whole)
        {
            json.WriteNumber("low", low);
            json.WriteNumber("high", high);
            json.WriteBoolean("log", log);
            json.WriteBoolean("whole", whole);
        }
    }

    private static void WriteTrials(Utf8JsonWriter json, TrialHistory history)
    {
        IReadOnlyList<TrialRecord> trials = history.Trials;
        Dictionary<string, int> workers = [];
        Dictionary<string, int> reasons = [];
        json.WriteStartObject("trials");
        WriteNumbers(json, "state", trials.Select(static trial => (int)trial.State));
        json.WriteStartArray("values");
        for (int objective = 0; objective < history.Directions.Count; objective++)
        {
            WriteNumbers(json, null, trials.Select(trial => trial.State == TrialState.Complete ? trial.Objectives[objective] : double.NaN), "G8");
        }

        json.WriteEndArray();
        WriteNumbers(json, "reached", trials.Select(trial => trial.State == TrialState.Complete ? double.NaN : Reached(trial, history) ?? double.NaN), "G6");
        json.WriteStartArray("parameters");
        foreach (Parameter parameter in history.Space.Parameters)
        {
            // A choice is its position.
            WriteNumbers(json, null, trials.Select(trial => !trial.Configuration.TryGetValue(parameter.Name, out ParameterValue value) ? double.NaN
                : parameter is CategoricalParameter choice ? choice.IndexOf(value) : value.AsNumber()), "G6");
        }

        json.WriteEndArray();
        WriteNumbers(json, "step", trials.Select(static trial => trial.Reported.Count > 0 ? trial.Reported[^1].Step : double.NaN), "R");
        WriteNumbers(json, "seconds", trials.Select(static trial => trial.Duration.TotalSeconds), "G4");
        WriteNumbers(json, "attempts", trials.Select(static trial => trial.Attempts));
        WriteNumbers(json, "worker", trials.Select(trial => Position(workers, trial.Worker)));
        WriteNumbers(json, "reason", trials.Select(trial => Position(reasons, trial.Reason)));
        WriteNumbers(json, "broken", trials.Where(static trial => trial.Violation > 0).Select(static trial => trial.Number));
        json.WriteEndObject();
        WriteTexts(json, "workers", workers.Keys);
        WriteTexts(json, "reasons", reasons.Keys);
    }

    private static int Position(Dictionary<string, int> known, string? text)
    {
        if (text is null)
        {
            return -1;
        }

        known.TryAdd(text, known.Count);
        return known[text];
    }

    private static void WriteCurves(Utf8JsonWriter json, IReadOnlyList<TrialRecord> ranked)
    {
        TrialRecord[] reporting = [.. ranked.Where(static trial => trial.Reported.Count > 0)];
        HashSet<int> chosen = [.. StudyChoice.Of(reporting, StudyChoice.MostCurves)];
        json.WriteNumber("reporting", reporting.Length);
        json.WriteStartArray("curves");
        foreach (TrialRecord trial in reporting.Where(trial => chosen.Contains(trial.Number)))
        {
            ReportedValue[] points = [.. StudyChoice.Evenly(trial.Reported, StudyChoice.MostCurvePoints)];
            json.WriteStartObject();
            json.WriteNumber("trial", trial.Number);
            WriteNumbers(json, "steps", points.Select(static point => (double)point.Step), "R");
            WriteNumbers(json, "values", points.Select(static point => point.Value), "G6");
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteImportance(Utf8JsonWriter json, TrialHistory history)
    {
        json.WriteStartArray("importance");
        for (int objective = 0; objective < history.Directions.Count; objective++)
        {
            if (history.Space.Count == 0 || FunctionalAnova.Of(history, objective, HasOutliers(history, objective) ? 0.9 : 1) is not { } analysis)
            {
                json.WriteNullValue();
                continue;
            }

            double sign = history.Directions[objective] == Direction.Minimize ? 1 : -1;
            json.WriteStartObject();
            json.WriteNumber("trials", analysis.Trials);
            json.WriteBoolean("clipped", HasOutliers(history, objective));
            WriteShares("main", analysis.MainEffects());
            WriteShares("pairs", analysis.Interactions().Take(MostPairs));
            json.WriteStartArray("marginals");
            foreach (Parameter parameter in history.Space.Parameters)
            {
                double[] places = parameter is CategoricalParameter choice
                    ? [.. Enumerable.Range(0, choice.Choices.Count).Select(i => (i + 0.5) / choice.Choices.Count)]
                    : [.. Enumerable.Range(0, Places).Select(static i => i / (Places - 1.0))];
                (double Mean, double Deviation)[] marginal = analysis.Marginal(parameter.Name, places);
                json.WriteStartObject();
                WriteNumbers(json, "at", places.Select((place, i) => parameter is CategoricalParameter ? i : parameter.FromUnit(place).AsNumber()), "G6");
                WriteNumbers(json, "mean", marginal.Select(point => sign * point.Mean), "G6");
                WriteNumbers(json, "deviation", marginal.Select(static point => point.Deviation), "G4");
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();

        void WriteShares(string name, IEnumerable<ParameterImportance> shares)
        {
            json.WriteStartArray(name);
            foreach (ParameterImportance share in shares)
            {
                json.WriteStartObject();
                WriteTexts(json, "names", share.Parameters);
                WriteNumbers(json, "share", [share.Share, share.Deviation], "G4");
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }
    }

    // One trial that ran away has nearly all of the variance. The same rule as the charts' axes: study.js, cutOf.
    private static bool HasOutliers(TrialHistory history, int objective)
    {
        double[] losses = [.. history.Finished.Where(static trial => trial.State == TrialState.Complete).Select(trial => history.Loss(trial, objective)).Where(double.IsFinite).Order()];
        if (losses.Length < 5)
        {
            return false;
        }

        double most = losses[(int)Math.Round(0.9 * (losses.Length - 1))];
        return losses[^1] > most + (3 * (most - losses[0]));
    }

    private static void WriteTimeline(Utf8JsonWriter json, Timeline? timeline)
    {
        if (timeline is null)
        {
            json.WriteNull("timeline");
            return;
        }

        json.WriteStartObject("timeline");
        WriteTexts(json, "lanes", timeline.Lanes);
        WriteNumbers(json, "trial", timeline.Bars.Select(static bar => bar.Trial));
        WriteNumbers(json, "lane", timeline.Bars.Select(static bar => bar.Lane));
        WriteNumbers(json, "from", timeline.Bars.Select(static bar => bar.From), "0.####");
        WriteNumbers(json, "seconds", timeline.Bars.Select(static bar => bar.Seconds), "G4");
        WriteNumbers(json, "last", timeline.Bars.Select(static bar => bar.IsLast ? 1 : 0));
        json.WriteEndObject();
    }

    private static void WriteTexts(Utf8JsonWriter json, string name, IEnumerable<string> texts)
    {
        json.WriteStartArray(name);
        foreach (string one in texts)
        {
            json.WriteStringValue(one);
        }

        json.WriteEndArray();
    }

    private static void WriteNumbers(Utf8JsonWriter json, string name, IEnumerable<int> numbers)
    {
        json.WriteStartArray(name);
        foreach (int number in numbers)
        {
            json.WriteNumberValue(number);
        }

        json.WriteEndArray();
    }

    // What isn't finite has no number in JSON, and no place in a chart.
    private static void WriteNumbers(Utf8JsonWriter json, string? name, IEnumerable<double> numbers, string format)
    {
        if (name is not null)
        {
            json.WritePropertyName(name);
        }

        json.WriteStartArray();
        foreach (double number in numbers)
        {
            if (double.IsFinite(number))
            {
                json.WriteRawValue(number.ToString(format, CultureInfo.InvariantCulture), skipInputValidation: true);
            }
            else
            {
                json.WriteNullValue();
            }
        }

        json.WriteEndArray();
    }
}
