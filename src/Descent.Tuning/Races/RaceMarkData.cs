using System.Text.Json;
using System.Text.Json.Serialization;

namespace Descent.Tuning.Races;

/// <summary>The data of an event of <see cref="RaceMark"/>.</summary>
/// <param name="Wish">The wishes for which it holds.</param>
internal sealed record RaceMarkData(string Wish)
{
    public byte[] Write() => JsonSerializer.SerializeToUtf8Bytes(this, RaceJson.Default.RaceMarkData);

    public static RaceMarkData Of(ReadOnlyMemory<byte> data) => JsonSerializer.Deserialize(data.Span, RaceJson.Default.RaceMarkData) ?? new RaceMarkData("");
}

/// <summary>The generated reader and writer.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(RaceMarkData))]
internal sealed partial class RaceJson : JsonSerializerContext;
