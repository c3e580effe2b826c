using Descent.Optimizers;

namespace Descent.Cli.Bench;

/// <summary>The rules that libtorch or TorchSharp have too, on real parameters: with gathering, states and all.</summary>
internal static class PeerBench
{
    private static readonly string[] Rules = ["sgd", "momentum", "adagrad", "rmsprop", "adam", "adamw"];

    /// <summary>GPT-2 small's 148 parameters, 124.4 million floats; up to 6 GB, most of it TorchSharp's temporaries.</summary>
    /// <param name="rounds">Measured rounds.</param>
    /// <param name="rules">Catalog names; by default all that have a peer.</param>
    public static IReadOnlyList<PeerTiming> Gpt2Small(int rounds, params IReadOnlyList<string> rules) =>
        Measure(ParameterShapes.Gpt2Small(), rounds, tiny: false, rules);

    /// <summary>2,000 parameters of 100 elements.</summary>
    /// <param name="rounds">Measured rounds.</param>
    /// <param name="rules">Catalog names; by default all that have a peer.</param>
    public static IReadOnlyList<PeerTiming> ManyTiny(int rounds, params IReadOnlyList<string> rules) =>
        Measure(ParameterShapes.ManyTiny(), rounds, tiny: true, rules);

    private static PeerTiming[] Measure(TensorSlot[] tensors, int rounds, bool tiny, IReadOnlyList<string> rules) =>
        [.. (rules.Count > 0 ? rules : Rules).Select(rule =>
        {
            using var peers = new StepPeers([.. tensors.Select(static tensor => tensor.Length)], OptimizerCatalog.Create(rule));

            // Short steps are timed many at a time: else each peer would find its memory displaced by the one before it.
            int[] times = [.. peers.Cases.Select(peer => !tiny ? 1 : peer.Name == StepPeers.TorchSharp ? 3 : peer.Name == StepPeers.LibTorch ? 10 : 100)];
            StepCase[] cases = [.. peers.Cases.Zip(times, Repeated)];
            int libtorch = Array.FindIndex(cases, static peer => peer.Name == StepPeers.LibTorch);
            if (libtorch > 0)
            {
                cases[0] = cases[0] with { Beside = cases[libtorch].Run };
            }

            StepTiming[] timings = [.. Interleaved.Measure(cases, rounds).Zip(times, Single)];
            return new PeerTiming(
                rule,
                timings[0],
                libtorch > 0 ? timings[libtorch] : null,
                timings.FirstOrDefault(static timing => timing.Name == StepPeers.TorchSharp),
                libtorch > 0 ? timings[0].OfBeside * times[libtorch] / times[0] : null);
        })];

    private static StepCase Repeated(StepCase peer, int times) => peer with
    {
        Bytes = peer.Bytes * times,
        Run = () =>
        {
            for (int i = 0; i < times; i++)
            {
                peer.Run();
            }
        },
    };

    private static StepTiming Single(StepTiming timing, int times) =>
        timing with { Milliseconds = timing.Milliseconds / times, Fastest = timing.Fastest / times };
}
