using System.Text.Json.Serialization;

namespace Descent.Torch;

/// <summary>What the header of an optimizer's file says beside the tensors' names, types and shapes.</summary>
internal sealed record OptimizerFileContent
{
    /// <summary>The layout this version writes. Older ones stay readable.</summary>
    public const int CurrentSchemaVersion = 1;

    public int SchemaVersion { get; init; } = CurrentSchemaVersion;

    public required IReadOnlyList<Group> Groups { get; init; }

    /// <summary>Steps of each parameter that has had one.</summary>
    public required IReadOnlyDictionary<string, long> Steps { get; init; }

    /// <summary>What rules carry for a whole group, by the group's number and the name.</summary>
    public required IReadOnlyDictionary<string, double> Shared { get; init; }

    /// <summary>A group: its rule for people to read, and all of its parameters, also those without a state yet.</summary>
    internal sealed record Group(string Rule, IReadOnlyList<string> Parameters);
}

/// <summary>The generated reader and writer.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(OptimizerFileContent))]
internal sealed partial class OptimizerFileJson : JsonSerializerContext;
