using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Descent.Optimizers;

/// <summary>
/// Σx² over neighbouring elements, in double. Element i goes to running sum i mod 16 and the sixteen are added pairwise at the end:
/// the same order, so the same bits, whatever registers the processor has. Sixteen sums in four registers hide the latency of addition.
/// </summary>
internal static unsafe class SquareSum
{
    private const int Sums = 16;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double Of<T>(T* x, long count) where T : unmanaged
    {
        Vector256<double> a = default;
        Vector256<double> b = default;
        Vector256<double> c = default;
        Vector256<double> d = default;
        nint i = 0;
        for (nint last = (nint)count - Sums; i <= last; i += Sums)
        {
            a = Doubles.Add<T>(Doubles.Four(x + i), a, squares: true);
            b = Doubles.Add<T>(Doubles.Four(x + i + 4), b, squares: true);
            c = Doubles.Add<T>(Doubles.Four(x + i + 8), c, squares: true);
            d = Doubles.Add<T>(Doubles.Four(x + i + 12), d, squares: true);
        }

        if (i < count)
        {
            // The last part, followed by zeros, which add nothing. Copied one by one: a call here would keep the sums in memory throughout the loop above, at
            // three times its duration.
            T* rest = stackalloc T[Sums];
            for (int j = 0; i < count; i++, j++)
            {
                rest[j] = x[i];
            }

            a = Doubles.Add<T>(Doubles.Four(rest), a, squares: true);
            b = Doubles.Add<T>(Doubles.Four(rest + 4), b, squares: true);
            c = Doubles.Add<T>(Doubles.Four(rest + 8), c, squares: true);
            d = Doubles.Add<T>(Doubles.Four(rest + 12), d, squares: true);
        }

        Vector256<double> four = a + b + (c + d);
        return four[0] + four[1] + (four[2] + four[3]);
    }

    public static bool AllFinite<T>(T* x, long count) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        for (nint i = 0; i < (nint)count; i++)
        {
            if (!T.IsFinite(x[i]))
            {
                return false;
            }
        }

        return true;
    }
}
