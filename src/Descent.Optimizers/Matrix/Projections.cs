using System.Runtime.Intrinsics;

namespace Descent.Optimizers;

/// <summary>Random matrices that are drawn again whenever they are needed, instead of being kept.</summary>
internal static class Projections
{
    /// <summary>The key of a matrix's projection after so many redraws.</summary>
    public static ulong Key(long seed, long redraw, string name) => Gaussian.Key(seed, redraw, name);

    /// <summary>Fills with normal numbers of a stream, in its order.</summary>
    public static void Fill(Span<double> numbers, ulong key, double deviation)
    {
        Span<double> block = stackalloc double[Gaussian.Block];
        for (int start = 0; start < numbers.Length; start += Gaussian.Block)
        {
            (Vector256<double> first, Vector256<double> second) = Gaussian.Next(key, start / Gaussian.Block);
            first.CopyTo(block);
            second.CopyTo(block[4..]);
            for (int i = 0; i < Gaussian.Block && start + i < numbers.Length; i++)
            {
                numbers[start + i] = deviation * block[i];
            }
        }
    }
}
