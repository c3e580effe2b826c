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
            Add(x + i, ref a, ref b, ref c, ref d);
        }

        if (i < count)
        {
            // The last part, followed by zeros, which add nothing.
            T* rest = stackalloc T[Sums];
            new Span<T>(x + i, (int)(count - i)).CopyTo(new Span<T>(rest, Sums));
            Add(rest, ref a, ref b, ref c, ref d);
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

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add<T>(T* x, ref Vector256<double> a, ref Vector256<double> b, ref Vector256<double> c, ref Vector256<double> d)
        where T : unmanaged
    {
        if (typeof(T) == typeof(float))
        {
            (Vector256<double> e, Vector256<double> f) = Vector256.Widen(Vector256.Load((float*)x));
            (Vector256<double> g, Vector256<double> h) = Vector256.Widen(Vector256.Load((float*)x + 8));

            // The square of a float is exact in double: fused or not is the same.
            a += e * e;
            b += f * f;
            c += g * g;
            d += h * h;
        }
        else
        {
            a = Fused(Vector256.Load((double*)x), a);
            b = Fused(Vector256.Load((double*)x + 4), b);
            c = Fused(Vector256.Load((double*)x + 8), c);
            d = Fused(Vector256.Load((double*)x + 12), d);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<double> Fused(Vector256<double> x, Vector256<double> sum) => Vector256.FusedMultiplyAdd(x, x, sum);
}
