using Descent.Training;

namespace Descent.Cli.Report;

/// <summary>Turns the events of runs into the charts of the page. A chart without a point isn't made.</summary>
internal static class PanelFactory
{
    private const string ValidationLoss = "validation/loss";

    /// <summary>All charts of <paramref name="runs"/>, the most important first.</summary>
    public static IReadOnlyList<Panel> Of(IReadOnlyList<RunReport> runs)
    {
        IReadOnlyList<RunSteps> steps = [.. runs.Select((run, position) => new RunSteps(position, run.Log.Steps))];
        List<Panel> panels =
        [
            new("loss", "Loss", "", IsLog: false,
            [
                .. steps.SelectMany(run => run.RawAndSmooth("training", step => step.Loss)),
                .. Validations(runs, ValidationLoss, "validation"),
            ]),
        ];
        string[] metrics = [.. runs.SelectMany(run => run.Log.Validations).SelectMany(validation => validation.Metrics.Keys).Distinct()];
        panels.AddRange(metrics.Where(metric => metric != ValidationLoss).Select((metric, number) => new Panel(
            $"validation-{number}", Title(metric), "", IsLog: false, [.. Validations(runs, metric, "validation")])));

        string[] terms = [.. runs.SelectMany(run => run.Log.Steps.Take(1)).SelectMany(step => step.Terms.Keys).Distinct()];
        panels.Add(new("terms", "Loss terms", "", IsLog: false,
            [.. terms.SelectMany(term => steps.SelectMany(run => run.Smooth(term, step => step.Terms.GetValueOrDefault(term, double.NaN))))]));

        panels.Add(new("rate", "Learning rate", "", IsLog: false, [.. steps.SelectMany(run => run.Line("rate", step => step.LearningRate))]));
        bool clips = runs.Any(run => run.Log.Steps.Any(step => step.ClippedNorm is not null));
        string[] settings = [.. runs.SelectMany(run => run.Log.Steps).SelectMany(step => step.Settings?.Keys ?? []).Distinct()];
        panels.AddRange(settings.Select((setting, number) => new Panel(
            $"setting-{number}", setting, "", IsLog: false, [.. steps.SelectMany(run => run.Setting(setting))])));

        panels.Add(new("norm", "Gradient norm", clips ? "" : "before clipping", IsLog: true,
        [
            .. steps.SelectMany(run => run.RawAndSmooth("norm", step => step.GradientNorm)),
            .. steps.Where(_ => clips).SelectMany(run => run.Smooth("after clipping", step => step.ClippedNorm ?? double.NaN)),
        ]));
        panels.Add(new("clipped", "Part of the gradient that was clipped", "", IsLog: false,
            [.. steps.Where(_ => clips).SelectMany(run => run.Smooth("clipped", step => step.ClippedFraction ?? double.NaN))]));
        panels.Add(new("throughput", "Throughput", Unit(runs), IsLog: false,
            [.. steps.SelectMany(run => run.RawAndSmooth("throughput", step => step.Throughput))]));
        panels.Add(new("memory", "Memory", "GiB", IsLog: false,
        [
            .. steps.SelectMany(run => run.Line("resident", step => step.Memory / Gibibyte)),
            .. steps.SelectMany(run => run.Line("peak", step => step.PeakMemory / Gibibyte, TraceStyle.Dashed)),
            .. Predictions(runs, steps, start => start.PredictedMemory / Gibibyte, "predicted peak"),
        ]));
        if (runs.Any(static run => run.Log.Starts.Any(static start => start.PredictedStepSeconds is not null)))
        {
            panels.Add(new("step-time", "Time of a step", "seconds", IsLog: false,
            [
                .. steps.SelectMany(static run => run.StepTime()),
                .. Predictions(runs, steps, static start => start.PredictedStepSeconds, "predicted"),
            ]));
        }

        return [.. panels.Where(panel => panel.Traces.Any(trace => trace.Values.Count > 0))];
    }

    private const double Gibibyte = 1L << 30;

    private static IEnumerable<Trace> Predictions(IReadOnlyList<RunReport> runs, IReadOnlyList<RunSteps> steps, Func<RunStarted, double?> value, string name) =>
        runs.Zip(steps).SelectMany(pair => pair.First.Log.Starts.Select(value).FirstOrDefault(static found => found is not null) is { } predicted
            ? pair.Second.Line(name, _ => predicted, TraceStyle.Dashed)
            : []);

    private static IEnumerable<Trace> Validations(IReadOnlyList<RunReport> runs, string metric, string name)
    {
        for (int run = 0; run < runs.Count; run++)
        {
            List<ValidationReport> points = [.. runs[run].Log.Validations.Where(validation => validation.Metrics.ContainsKey(metric))];
            bool decides = runs[run].Start.Metric == metric;
            int best = decides && runs[run].Best is { } found ? points.FindLastIndex(point => point.Step == found.Step) : -1;
            yield return new Trace(
                run,
                name,
                TraceStyle.Points,
                [.. points.Select(point => point.Step)],
                [.. points.Select(point => point.Seconds)],
                [.. points.Select(point => point.Metrics[metric])])
            {
                Best = best < 0 ? null : best,
            };
        }
    }

    // "validation/nats_per_byte" reads "Validation: nats per byte".
    private static string Title(string metric)
    {
        string[] parts = metric.Replace('_', ' ').Split('/', 2);
        string group = parts[0].Length == 0 ? "" : char.ToUpperInvariant(parts[0][0]) + parts[0][1..];
        return parts.Length == 1 ? group : $"{group}: {parts[1]}";
    }

    private static string Unit(IReadOnlyList<RunReport> runs) =>
        string.Join(" or ", runs.Select(run => run.Start.Unit).Distinct()) + " per second";

    /// <summary>The steps of one run, thinned once for all of its curves.</summary>
    private sealed class RunSteps(int run, IReadOnlyList<StepReport> steps)
    {
        private readonly Thinning _thinning = new(steps.Count);

        public IEnumerable<Trace> RawAndSmooth(string name, Func<StepReport, double> value) =>
        [
            Trace(name + ", single steps", TraceStyle.Raw, value, _thinning.Extremes([.. steps.Select(value)])),
            .. Smooth(name, value),
        ];

        public IEnumerable<Trace> Smooth(string name, Func<StepReport, double> value)
        {
            Trace trace = Trace(name, TraceStyle.Smooth, value, _thinning.Last());
            return [trace with { Values = _thinning.Means([.. steps.Select(value)]) }];
        }

        public IEnumerable<Trace> Line(string name, Func<StepReport, double> value, TraceStyle style = TraceStyle.Line) =>
            [Trace(name, style, value, _thinning.Last())];

        /// <summary>Seconds from the end of one step to the end of the next, with what lies between them, such as a validation.</summary>
        public IEnumerable<Trace> StepTime()
        {
            double[] times = [double.NaN, .. steps.Zip(steps.Skip(1), static (from, to) => to.Seconds - from.Seconds)];
            Trace trace = Trace("measured", TraceStyle.Smooth, static _ => 0, _thinning.Last());
            return steps.Count < 2 ? [] : [trace with { Values = _thinning.Means(times[..steps.Count]) }];
        }

        /// <summary>A scheduled setting; a step without a value has that of the step before it.</summary>
        public IEnumerable<Trace> Setting(string key)
        {
            double[] values = new double[steps.Count];
            double last = double.NaN;
            for (int i = 0; i < values.Length; i++)
            {
                values[i] = last = steps[i].Settings?.GetValueOrDefault(key, last) ?? last;
            }

            int[] kept = _thinning.Last();
            return values.All(double.IsNaN)
                ? []
                : [new Trace(run, key, TraceStyle.Line, [.. kept.Select(i => steps[i].Step)], [.. kept.Select(i => steps[i].Seconds)], [.. kept.Select(i => values[i])])];
        }

        private Trace Trace(string name, TraceStyle style, Func<StepReport, double> value, int[] kept) => new(
            run,
            name,
            style,
            [.. kept.Select(i => steps[i].Step)],
            [.. kept.Select(i => steps[i].Seconds)],
            [.. kept.Select(i => value(steps[i]))]);
    }
}
