using System.Text.Json.Serialization;

namespace Descent.Cli.Bench;

/// <summary>What one case took.</summary>
/// <param name="Name">The case.</param>
/// <param name="Milliseconds">Median of the rounds.</param>
/// <param name="Fastest">Least of the rounds, in milliseconds.</param>
/// <param name="GigabytesPerSecond">Memory traffic at the median.</param>
/// <param name="OfBound">How many times the bound with the same streams; null for what has no bound.</param>
/// <param name="StateBytes">Bytes of state a parameter; null where storage is not compared.</param>
/// <param name="OfFloat32">How many times the same rule with parameters and states in float; null where storage is not compared.</param>
/// <param name="OfBeside">Median over the rounds of the time as a multiple of that of <see cref="StepCase.Beside"/>, which ran right before; null where nothing did.</param>
internal sealed record StepTiming(
    string Name, double Milliseconds, double Fastest, double GigabytesPerSecond, double? OfBound = null, double? StateBytes = null, double? OfFloat32 = null, [property: JsonIgnore] double? OfBeside = null);
