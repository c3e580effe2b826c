using System.Text.Json.Serialization;
using Descent.Training.Memory;

namespace Descent.Cli.Commands;

/// <summary>The generated writer of <c>descent plan --json</c>.</summary>
[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UseStringEnumConverter = true)]
[JsonSerializable(typeof(MemoryPlan))]
internal sealed partial class PlanJson : JsonSerializerContext;
