using System.Text.Json;
using System.Text.Json.Serialization;

namespace Descent.Cli.Tuning;

/// <summary>What a trial's process says on its output, a line each. A validation waits for an answer, <see cref="TrialAnswer"/>.</summary>
/// <param name="Kind">Which of the messages it is.</param>
internal sealed record TrialMessage(TrialMessageKind Kind)
{
    /// <summary>The step it is about.</summary>
    public long Step { get; init; }

    /// <summary>The steps of the run in all, where they are known.</summary>
    public long? TotalSteps { get; init; }

    /// <summary>The deciding metric; of the end, its best value. None: there is none.</summary>
    public double? Value { get; init; }

    /// <summary>Why the run ended; none: its input was refused.</summary>
    public string? Reason { get; init; }

    /// <summary>What a person is told of it.</summary>
    public string? Message { get; init; }

    /// <summary>One line of text.</summary>
    public string Write() => JsonSerializer.Serialize(this, TrialJson.Default.TrialMessage);

    /// <summary>Reads a line; none: it is something else that was printed.</summary>
    public static TrialMessage? Read(string line)
    {
        try
        {
            return line.StartsWith("{\"kind\":", StringComparison.Ordinal) ? JsonSerializer.Deserialize(line, TrialJson.Default.TrialMessage) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>What a message is about.</summary>
internal enum TrialMessageKind
{
    /// <summary>The run stands at a step.</summary>
    Step,

    /// <summary>A validation is done.</summary>
    Validated,

    /// <summary>The run ended.</summary>
    Stopped,

    /// <summary>The input can't be used.</summary>
    Refused,
}

/// <summary>What a trial's process is told on its input: first what it is to do, then these.</summary>
internal static class TrialAnswer
{
    /// <summary>Go on after the validation.</summary>
    public const string Go = "go";

    /// <summary>Write a checkpoint and end, at any time.</summary>
    public const string Stop = "stop";
}

/// <summary>The generated reader and writer of the messages.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UseStringEnumConverter = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(TrialMessage))]
[JsonSerializable(typeof(TrialOrder))]
internal sealed partial class TrialJson : JsonSerializerContext;
