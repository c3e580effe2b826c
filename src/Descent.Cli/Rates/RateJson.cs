using System.Text.Json.Serialization;

namespace Descent.Cli.Rates;

/// <summary>What the page's script draws.</summary>
internal sealed record RatePageData(IReadOnlyList<double> Rates, IReadOnlyList<double?> Losses, IReadOnlyList<double?> Smoothed, double? Steepest, double? TenthOfMinimum);

/// <summary>The generated writer of the page's data.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(RatePageData))]
internal sealed partial class RateJson : JsonSerializerContext;
