using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Descent.Cli.Bench;

/// <summary>The most multiply-adds this machine does: what no matrix product can surpass.</summary>
internal static class FmaPeak
{
    private const int Chains = 10;
    private const int Iterations = 20_000_000;

    // What the chains end in has to go somewhere, or the loop is left out.
    private static float _sink;

    /// <summary>GFLOP/s of fp32 over all cores: the best of several rounds at the wider and at the narrower registers.</summary>
    public static double Measure()
    {
        double best = 0;
        for (int round = 0; round < 3; round++)
        {
            best = Math.Max(best, Rate(Narrow, Vector256<float>.Count));
            if (Vector512.IsHardwareAccelerated)
            {
                best = Math.Max(best, Rate(Wide, Vector512<float>.Count));
            }
        }

        return best;
    }

    private static double Rate(Action loop, int lanes)
    {
        int cores = Environment.ProcessorCount;
        Thread[] threads = [.. Enumerable.Range(0, cores).Select(_ => new Thread(() => loop()))];
        long start = Stopwatch.GetTimestamp();
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        return 2.0 * lanes * Chains * Iterations * cores / Stopwatch.GetElapsedTime(start).TotalSeconds / 1e9;
    }

    // Ten chains: more than latency (4) times units (2), so that the units and not the latency set the pace.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Narrow()
    {
        Vector256<float> a = Vector256.Create(0.999f), b = Vector256.Create(1e-3f);
        Vector256<float> c0 = a, c1 = a, c2 = a, c3 = a, c4 = a, c5 = a, c6 = a, c7 = a, c8 = a, c9 = a;
        for (int i = 0; i < Iterations; i++)
        {
            c0 = Vector256.FusedMultiplyAdd(c0, a, b);
            c1 = Vector256.FusedMultiplyAdd(c1, a, b);
            c2 = Vector256.FusedMultiplyAdd(c2, a, b);
            c3 = Vector256.FusedMultiplyAdd(c3, a, b);
            c4 = Vector256.FusedMultiplyAdd(c4, a, b);
            c5 = Vector256.FusedMultiplyAdd(c5, a, b);
            c6 = Vector256.FusedMultiplyAdd(c6, a, b);
            c7 = Vector256.FusedMultiplyAdd(c7, a, b);
            c8 = Vector256.FusedMultiplyAdd(c8, a, b);
            c9 = Vector256.FusedMultiplyAdd(c9, a, b);
        }

        _sink = Vector256.Sum(c0 + c1 + c2 + c3 + c4 + c5 + c6 + c7 + c8 + c9);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Wide()
    {
        Vector512<float> a = Vector512.Create(0.999f), b = Vector512.Create(1e-3f);
        Vector512<float> c0 = a, c1 = a, c2 = a, c3 = a, c4 = a, c5 = a, c6 = a, c7 = a, c8 = a, c9 = a;
        for (int i = 0; i < Iterations; i++)
        {
            c0 = Vector512.FusedMultiplyAdd(c0, a, b);
            c1 = Vector512.FusedMultiplyAdd(c1, a, b);
            c2 = Vector512.FusedMultiplyAdd(c2, a, b);
            c3 = Vector512.FusedMultiplyAdd(c3, a, b);
            c4 = Vector512.FusedMultiplyAdd(c4, a, b);
            c5 = Vector512.FusedMultiplyAdd(c5, a, b);
            c6 = Vector512.FusedMultiplyAdd(c6, a, b);
            c7 = Vector512.FusedMultiplyAdd(c7, a, b);
            c8 = Vector512.FusedMultiplyAdd(c8, a, b);
            c9 = Vector512.FusedMultiplyAdd(c9, a, b);
        }

        _sink = Vector512.Sum(c0 + c1 + c2 + c3 + c4 + c5 + c6 + c7 + c8 + c9);
    }
}
