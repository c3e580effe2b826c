using System.Globalization;
using System.Text.Json;
using Descent.Race;

namespace OptimizerPages;

/// <summary>What was measured: the races and the step times.</summary>
internal sealed class Evidence(Results race, Results challenge, IReadOnlyDictionary<string, double> ofBound)
{
    private const string Yardstick = "adamw";

    public static Evidence Read(string folder) => new(
        new Results(Path.Combine(folder, "race-small.jsonl")),
        new Results(Path.Combine(folder, "race-large.jsonl")),
        StepTimes(Path.Combine(folder, "bench-step.json")));

    /// <summary>The runs of the small race at the contender's best rate, one a seed.</summary>
    public IReadOnlyList<JobResult> Finals(string contender) => FullRuns(race, contender);

    public IReadOnlyList<JobResult> YardstickFinals { get; } = FullRuns(race, Yardstick);

    /// <summary>A step's time over the time that memory alone needs for the same bytes.</summary>
    public double? OfBound(string rule) => ofBound.TryGetValue(rule, out double value) ? value : null;

    /// <summary>Contenders of the large race with their runs by number of steps.</summary>
    public IEnumerable<(string Contender, double Rate, IReadOnlyList<(int Steps, double[] Losses)> Runs)> Challenge =>
        challenge.All.GroupBy(static result => result.Job.Contender).Select(group =>
        {
            (int Steps, double[] Losses)[] runs =
            [
                .. group.GroupBy(static result => (result.Job.Steps, result.Job.LearningRate))
                    .Where(static runs => runs.Select(static run => run.Job.Seed).Distinct().Count() >= 3)
                    .OrderBy(static runs => runs.Key.Steps)
                    .Select(static runs => (runs.Key.Steps, runs.OrderBy(static run => run.Job.Seed).Select(static run => run.Score()).ToArray())),
            ];
            double rate = group.GroupBy(static result => result.Job.LearningRate)
                .MaxBy(static runs => runs.Select(static run => run.Job.Seed).Distinct().Count())!.Key;
            return (group.Key, rate, (IReadOnlyList<(int, double[])>)runs);
        });

    public static string MeanAndSpread(IReadOnlyCollection<double> values, string format)
    {
        double mean = values.Average();
        double spread = values.Count > 1 ? Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / (values.Count - 1)) : 0;
        return string.Create(CultureInfo.InvariantCulture, $"{mean.ToString(format, CultureInfo.InvariantCulture)} ± {spread.ToString(format, CultureInfo.InvariantCulture)}");
    }

    /// <summary>The step at which a curve passes a loss, by interpolation between validations; null when it never does.</summary>
    public static double? StepsTo(JobResult run, double target)
    {
        CurvePoint? before = null;
        foreach (CurvePoint point in run.Curve)
        {
            if (point.Loss <= target)
            {
                return before is null ? point.Step : before.Step + ((point.Step - before.Step) * (before.Loss - target) / (before.Loss - point.Loss));
            }

            before = point;
        }

        return null;
    }

    private static JobResult[] FullRuns(Results results, string contender)
    {
        JobResult[] full = [.. results.All.Where(result => result.Job.Contender == contender)];
        return
        [
            .. full.GroupBy(static result => (result.Job.LearningRate, result.Job.Steps))
                .Where(static group => group.Select(static run => run.Job.Seed).Distinct().Count() >= 3)
                .MaxBy(static group => group.Key.Steps)?.OrderBy(static run => run.Job.Seed) ?? Enumerable.Empty<JobResult>(),
        ];
    }

    private static Dictionary<string, double> StepTimes(string path)
    {
        if (!File.Exists(path))
        {
            return [];
        }

        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(path));
        return document.RootElement.GetProperty("gpt2_rules").EnumerateArray()
            .Where(static timing => timing.TryGetProperty("of_bound", out JsonElement ratio) && ratio.ValueKind == JsonValueKind.Number)
            .ToDictionary(static timing => timing.GetProperty("name").GetString()!, static timing => timing.GetProperty("of_bound").GetDouble());
    }
}
