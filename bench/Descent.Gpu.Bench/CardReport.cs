using System.Text.Json.Serialization;

namespace Descent.Gpu.Bench;

/// <summary>All that one run measured.</summary>
/// <param name="Card">The card's name.</param>
/// <param name="ComputeCapability">Its architecture.</param>
/// <param name="Multiprocessors">How many it has.</param>
/// <param name="Cuda">The newest CUDA of its driver.</param>
/// <param name="Rounds">Turns of each.</param>
/// <param name="Elements">Parameters of GPT-2 small.</param>
/// <param name="Copies">A copy of as many bytes as a rule of 0, 1, … states moves.</param>
/// <param name="Rules">A step of each rule over GPT-2 small.</param>
/// <param name="Tiny">A step of AdamW over 2,000 tensors of 100 elements.</param>
internal sealed record CardReport(
    string Card,
    string ComputeCapability,
    int Multiprocessors,
    string Cuda,
    int Rounds,
    long Elements,
    IReadOnlyList<Timing> Copies,
    IReadOnlyList<Timing> Rules,
    Timing Tiny);

/// <summary>The generated writer of it.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(CardReport))]
internal sealed partial class CardReportJson : JsonSerializerContext;
