using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Descent.Optimizers;

/// <summary>Sixteen running sums in memory: what <see cref="ISums{TSelf, TLane}"/> come to, and where the elements behind the last whole sixteen go.</summary>
internal static unsafe class SixteenSums
{
    public const int Count = 16;

    public static void Clear(double* sums) => new Span<double>(sums, Count).Clear();

    /// <summary>Adds element <paramref name="i"/>, or its square.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Add<T>(double* sums, nint i, ScalarLane<T> x, bool squares) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        double value = typeof(T) == typeof(float) ? Unsafe.BitCast<T, float>(x.Value) : Unsafe.BitCast<T, double>(x.Value);
        double* sum = sums + (i & (Count - 1));
        *sum = squares ? Math.FusedMultiplyAdd(value, value, *sum) : *sum + value;
    }

    /// <summary>Adds numbers to sums, each to its own.</summary>
    public static void AddTo<T>(T* run, int count, double* sums) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        for (int i = 0; i < count; i++)
        {
            sums[i] += double.CreateTruncating(run[i]);
        }
    }

    /// <summary>The sum of the sixteen.</summary>
    public static double Total(double* sums)
    {
        Vector256<double> four = Vector256.Load(sums) + Vector256.Load(sums + 4) + (Vector256.Load(sums + 8) + Vector256.Load(sums + 12));
        return four[0] + four[1] + (four[2] + four[3]);
    }
}
