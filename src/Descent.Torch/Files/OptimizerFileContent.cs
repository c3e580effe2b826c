using System.Text.Json.Serialization;

namespace Descent.Torch;

/// <summary>What the header of an optimizer's file says beside the tensors' names, types and shapes.</summary>
internal sealed record OptimizerFileContent
{
    /// <summary>The layout this version writes. Older ones stay readable.</summary>
    public const int CurrentSchemaVersion = 2;

    /// <summary>1 where nothing is encoded, so that earlier versions go on reading what they can.</summary>
    public int SchemaVersion { get; init; } = CurrentSchemaVersion;

    public required IReadOnlyList<Group> Groups { get; init; }

    /// <summary>Steps of each parameter that has had one.</summary>
    public required IReadOnlyDictionary<string, long> Steps { get; init; }

    /// <summary>What rules carry for a whole group, by the group's number and the name.</summary>
    public required IReadOnlyDictionary<string, double> Shared { get; init; }

    /// <summary>The states whose tensors are codes and scales, by "parameter/state". Since version 2.</summary>
    public IReadOnlyDictionary<string, EncodedState>? Encoded { get; init; }

    /// <summary>An encoded state.</summary>
    /// <param name="Codec">The codec's name.</param>
    /// <param name="Shape">The shape of its values.</param>
    /// <param name="NonNegative">Whether its codes have no sign.</param>
    internal sealed record EncodedState(string Codec, long[] Shape, bool NonNegative);

    /// <summary>A group: its rule for people to read, and all of its parameters, also those without a state yet.</summary>
    internal sealed record Group(string Rule, IReadOnlyList<string> Parameters);
}

/// <summary>The generated reader and writer.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(OptimizerFileContent))]
internal sealed partial class OptimizerFileJson : JsonSerializerContext;
