namespace Descent.Cli.Bench;

/// <summary>All that <c>descent bench step --device cuda</c> measures.</summary>
/// <param name="Gpt2">GPT-2 small's 148 tensors: bytes decide.</param>
/// <param name="Tiny">2,000 tensors of 100 elements: what a tensor costs decides.</param>
internal sealed record CardTimings(CardComparison Gpt2, CardComparison Tiny);
