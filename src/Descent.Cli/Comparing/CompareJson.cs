using System.Text.Json;
using System.Text.Json.Serialization;
using Descent.Tuning.Races;
using Descent.Tuning.Statistics;

namespace Descent.Cli.Comparing;

/// <summary><c>compare.json</c>: all of a comparison, for programs.</summary>
internal sealed record CompareDocument
{
    public required string Sentence { get; init; }
    public required bool IsSure { get; init; }
    public string? Best { get; init; }
    public required IReadOnlyList<string> Alike { get; init; }
    public required string Metric { get; init; }
    public required bool LowerIsBetter { get; init; }
    public double? Target { get; init; }
    public string? TargetOf { get; init; }
    public required IReadOnlyList<long> Seeds { get; init; }
    public required IReadOnlyList<string> Notes { get; init; }
    public required IReadOnlyDictionary<string, string> LeftOut { get; init; }
    public required IReadOnlyList<CompareDocumentEntry> Optimizers { get; init; }
    public CompareDocumentCheck? Check { get; init; }

    /// <summary>The text.</summary>
    /// <param name="outcome">What came of it.</param>
    /// <param name="folder">The comparison's folder, from which those of runs are named.</param>
    public static string Write(Outcome outcome, string folder) => JsonSerializer.Serialize(
        new CompareDocument
        {
            Sentence = outcome.Sentence,
            IsSure = outcome.Result.Verdict.IsSure,
            Best = outcome.Result.Verdict.Best,
            Alike = outcome.Result.Verdict.Alike,
            Metric = outcome.Metric,
            LowerIsBetter = outcome.Direction == Descent.Tuning.Direction.Minimize,
            Target = outcome.Result.Target,
            TargetOf = outcome.Result.TargetOf,
            Seeds = outcome.Result.Seeds,
            Notes = outcome.Result.Notes,
            LeftOut = outcome.LeftOut.ToDictionary(static entry => entry.Name, static entry => entry.Why),
            Optimizers = [.. outcome.Rows.Select(row => CompareDocumentEntry.Of(row.Entry, row.Figures, folder))],
            Check = outcome.Check is { } check ? new CompareDocumentCheck(check.Best, check.RunnerUp, check.Seeds, CompareDocumentInterval.Of(check.Difference), check.PValue, check.Holds, check.Sentence) : null,
        },
        CompareJson.Default.CompareDocument) + "\n";
}

/// <summary>One optimizer of <see cref="CompareDocument"/>.</summary>
internal sealed record CompareDocumentEntry
{
    public required string Name { get; init; }
    public required IReadOnlyDictionary<string, string> Settings { get; init; }
    public required IReadOnlyList<string> AtEdge { get; init; }
    public required bool SearchWasWidened { get; init; }
    public required int Trials { get; init; }
    public required int PrunedTrials { get; init; }
    public required int FailedTrials { get; init; }
    public required double SearchSeconds { get; init; }
    public double? SearchValue { get; init; }
    public CompareDocumentInterval? Final { get; init; }
    public CompareDocumentInterval? Difference { get; init; }
    public string? Test { get; init; }
    public double? P { get; init; }
    public double? AdjustedP { get; init; }
    public CompareDocumentInterval? StepsToTarget { get; init; }
    public CompareDocumentInterval? SecondsToTarget { get; init; }
    public required bool StepsAreAtMost { get; init; }
    public required int ReachedTarget { get; init; }
    public double? StepSeconds { get; init; }
    public double? TrainingSeconds { get; init; }
    public long? StateBytes { get; init; }
    public long? PeakMemory { get; init; }
    public required IReadOnlyList<CompareDocumentRun> Runs { get; init; }

    public static CompareDocumentEntry Of(RaceEntry entry, EntryFigures figures, string folder) => new()
    {
        Name = entry.Name,
        Settings = entry.Settings?.ToDictionary(static pair => pair.Key, static pair => pair.Value.ToString()) ?? [],
        AtEdge = entry.AtEdge,
        SearchWasWidened = entry.WentBeyond,
        Trials = entry.Trials,
        PrunedTrials = entry.Pruned,
        FailedTrials = entry.Failed,
        SearchSeconds = entry.SearchTime.TotalSeconds,
        SearchValue = entry.SearchValue,
        Final = CompareDocumentInterval.Of(entry.Final),
        Difference = CompareDocumentInterval.Of(entry.AgainstBest?.Difference),
        Test = entry.AgainstBest?.Test,
        P = entry.AgainstBest?.PValue,
        AdjustedP = entry.AgainstBest?.AdjustedPValue,
        StepsToTarget = CompareDocumentInterval.Of(entry.StepsToTarget),
        SecondsToTarget = CompareDocumentInterval.Of(figures.SecondsToTarget),
        StepsAreAtMost = entry.StepsAreAtMost,
        ReachedTarget = entry.Reached,
        StepSeconds = figures.StepSeconds,
        TrainingSeconds = figures.Seconds,
        StateBytes = figures.StateBytes,
        PeakMemory = figures.PeakMemory,
        Runs = [.. entry.Runs.Select(run => new CompareDocumentRun(run.Seed, run.Value, run.StepsToTarget, run.StepsAreAtMost, run.Reason, run.Notes.TryGetValue("run", out string? at) ? Path.GetRelativePath(folder, at) : null))],
    };
}

/// <summary>One run of <see cref="CompareDocumentEntry"/>.</summary>
internal sealed record CompareDocumentRun(long Seed, double? Value, double? StepsToTarget, bool StepsAreAtMost, string? Failure, string? Folder);

/// <summary>A mean and its 95 % interval; ends are missing where one value tells nothing of the spread.</summary>
internal sealed record CompareDocumentInterval(double Mean, double? Low, double? High, int Count)
{
    public static CompareDocumentInterval? Of(ConfidenceInterval? interval) => interval is not { } known ? null
        : new CompareDocumentInterval(known.Mean, double.IsFinite(known.Low) ? known.Low : null, double.IsFinite(known.High) ? known.High : null, known.Count);
}

/// <summary>Whether the recommendation held.</summary>
internal sealed record CompareDocumentCheck(string Best, string RunnerUp, IReadOnlyList<long> Seeds, CompareDocumentInterval? Difference, double P, bool Holds, string Sentence);

/// <summary>The generated writer.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(CompareDocument))]
internal sealed partial class CompareJson : JsonSerializerContext;
