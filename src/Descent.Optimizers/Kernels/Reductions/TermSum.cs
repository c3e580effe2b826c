using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Descent.Optimizers;

/// <summary>Sums in double in an order that depends on the count alone, as <see cref="SquareSum"/> has it.</summary>
internal static unsafe class TermSum
{
    private const int Sums = 16;

    /// <summary>Σx.</summary>
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
            a += Four(x + i);
            b += Four(x + i + 4);
            c += Four(x + i + 8);
            d += Four(x + i + 12);
        }

        if (i < count)
        {
            // The last part, followed by zeros, which add nothing.
            T* rest = stackalloc T[Sums];
            new Span<T>(x + i, (int)(count - i)).CopyTo(new Span<T>(rest, Sums));
            a += Four(rest);
            b += Four(rest + 4);
            c += Four(rest + 8);
            d += Four(rest + 12);
        }

        Vector256<double> four = a + b + (c + d);
        return four[0] + four[1] + (four[2] + four[3]);
    }

    /// <summary>sums[i] += x[i]², each on its own.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddSquares<T>(T* x, nint count, double* sums) where T : unmanaged
    {
        nint i = 0;
        for (nint last = count - 4; i <= last; i += 4)
        {
            Vector256<double> four = Four(x + i);
            Vector256.FusedMultiplyAdd(four, four, Vector256.Load(sums + i)).Store(sums + i);
        }

        for (; i < count; i++)
        {
            double one = typeof(T) == typeof(float) ? *(float*)(x + i) : *(double*)(x + i);
            sums[i] = Math.FusedMultiplyAdd(one, one, sums[i]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<double> Four<T>(T* x) where T : unmanaged
    {
        if (typeof(T) == typeof(float))
        {
            Vector128<float> four = Vector128.Load((float*)x);
            return Vector256.Create(Vector128.WidenLower(four), Vector128.WidenUpper(four));
        }

        return Vector256.Load((double*)x);
    }
}
