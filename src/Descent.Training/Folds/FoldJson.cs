using System.Text.Json;
using System.Text.Json.Serialization;

namespace Descent.Training.Folds;

/// <summary>The generated reader and writer of <c>fold.json</c> and <c>folds.json</c>.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    WriteIndented = true,
    Converters = [typeof(StopReasonConverter)])]
[JsonSerializable(typeof(FoldResult))]
[JsonSerializable(typeof(FoldsFile))]
internal sealed partial class FoldJson : JsonSerializerContext
{
    private sealed class StopReasonConverter() : JsonStringEnumConverter<StopReason>(JsonNamingPolicy.SnakeCaseLower);
}

/// <summary>The content of <c>folds.json</c>.</summary>
/// <param name="Folds">How the data was divided.</param>
/// <param name="Metric">The metric that decides.</param>
/// <param name="LowerIsBetter">Which way it gets better.</param>
/// <param name="Interval">How the intervals were made.</param>
/// <param name="Statistics">Every metric over the folds.</param>
/// <param name="Results">What came of each fold.</param>
internal sealed record FoldsFile(
    string Folds,
    string Metric,
    bool LowerIsBetter,
    string Interval,
    IReadOnlyDictionary<string, FoldStatistics> Statistics,
    IReadOnlyList<FoldResult> Results);
