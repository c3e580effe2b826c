using System.Text.Json;
using System.Text.Json.Serialization;

namespace Descent.Mup;

/// <summary>One training: a line of the results.</summary>
/// <param name="Parametrization"><c>standard</c> or <c>mup</c>.</param>
/// <param name="BaseWidth">The base width of <c>mup</c>; null in <c>standard</c>.</param>
/// <param name="Width">The model's width.</param>
/// <param name="Rate">The learning rate.</param>
/// <param name="Seed">The seed.</param>
/// <param name="Steps">Steps of the run.</param>
/// <param name="Loss">Validation loss at the end, in nats a token; null: it diverged.</param>
/// <param name="Seconds">How long it took.</param>
internal sealed record RateResult(string Parametrization, int? BaseWidth, int Width, double Rate, int Seed, int Steps, double? Loss, double Seconds);

/// <summary>The generated reader and writer of results.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(RateResult))]
internal sealed partial class RateJson : JsonSerializerContext
{
    /// <summary>The lines of a file; none where there is no file.</summary>
    public static List<RateResult> Read(string path) => File.Exists(path)
        ? [.. File.ReadLines(path).Select(static line => JsonSerializer.Deserialize(line, Default.RateResult)!)]
        : [];

    /// <summary>Adds a line.</summary>
    public static void Append(string path, RateResult result) => File.AppendAllText(path, JsonSerializer.Serialize(result, Default.RateResult) + "\n");
}
