using System.Text.Json;
using System.Text.Json.Serialization;

namespace Descent.Training;

/// <summary>
/// The lines of <c>metrics.jsonl</c>: an event record in snake_case with its name in front, <c>{"event":"step","step":1,…}</c>.
/// JSON has no NaN or infinity, and a run that diverged must still be readable, so these are the strings "NaN", "Infinity" and "-Infinity".
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters = [typeof(StopReasonConverter)])]
[JsonSerializable(typeof(EventHead))]
[JsonSerializable(typeof(RunStarted))]
[JsonSerializable(typeof(StepReport))]
[JsonSerializable(typeof(ValidationReport))]
[JsonSerializable(typeof(SampleReport))]
[JsonSerializable(typeof(CheckpointReport))]
[JsonSerializable(typeof(WarningReport))]
[JsonSerializable(typeof(RunStopped))]
internal sealed partial class MetricsJson : JsonSerializerContext
{
    private sealed class StopReasonConverter() : JsonStringEnumConverter<StopReason>(JsonNamingPolicy.SnakeCaseLower);
}

/// <summary>What every line of the metrics file has: enough to tell which record it is and whether a resumed run keeps it.</summary>
internal sealed record EventHead(string Event, long Step);
