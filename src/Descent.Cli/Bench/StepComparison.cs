namespace Descent.Cli.Bench;

/// <summary>All that <c>descent bench step</c> measures, over GPT-2 small's 148 tensors and over 2,000 tensors of 100 elements.</summary>
/// <param name="Gpt2Rules">Each rule beside a kernel that only moves the same memory.</param>
/// <param name="Gpt2Peers">Rules as a <c>torch.optim.Optimizer</c>, beside libtorch's fused operator and TorchSharp's optimizer.</param>
/// <param name="TinyRules">The rules over tiny tensors.</param>
/// <param name="TinyPeers">The peers over tiny tensors.</param>
/// <param name="Muon">Muon's Newton–Schulz steps over GPT-2 small's hidden matrices, beside plain matrix products.</param>
internal sealed record StepComparison(
    IReadOnlyList<StepTiming> Gpt2Rules,
    IReadOnlyList<PeerTiming> Gpt2Peers,
    IReadOnlyList<StepTiming> TinyRules,
    IReadOnlyList<PeerTiming> TinyPeers,
    MuonTiming Muon)
{
    public static StepComparison Measure(int rounds) =>
        new(StepBench.Gpt2Small(rounds), PeerBench.Gpt2Small(rounds), StepBench.ManyTiny(rounds), PeerBench.ManyTiny(rounds), MuonBench.Gpt2Small(rounds));
}
