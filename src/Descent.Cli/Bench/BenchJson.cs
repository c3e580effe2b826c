using System.Text.Json.Serialization;

namespace Descent.Cli.Bench;

/// <summary>The generated reader and writer of measurements.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(LossFigures[]))]
[JsonSerializable(typeof(IReadOnlyList<PlanComparison>))]
[JsonSerializable(typeof(IReadOnlyList<LeakFigures>))]
[JsonSerializable(typeof(TrainMeasurement))]
[JsonSerializable(typeof(TrainComparison))]
[JsonSerializable(typeof(StepComparison))]
[JsonSerializable(typeof(CardTimings))]
internal sealed partial class BenchJson : JsonSerializerContext;
