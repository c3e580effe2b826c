using System.Numerics;

namespace Descent.Testing.Checks;

/// <summary>Test values that are exact on every machine: integers from a hash, divided by powers of two.</summary>
internal static class Numbers
{
    /// <summary>A value in (−1, 1) whose size varies over six binary orders; one in 17 is zero.</summary>
    public static double At(int seed, int tensor, long index)
    {
        ulong bits = Mix(((ulong)(uint)seed << 48) ^ ((ulong)(uint)tensor << 32) ^ (ulong)index);
        if (bits % 17 == 0)
        {
            return 0;
        }

        // 24 bits of mantissa: exact in float too.
        double unit = ((long)(bits >> 40) - (1 << 23)) / (double)(1 << 23);
        return Math.ScaleB(unit, -(int)(bits & 7) % 6);
    }

    /// <summary>Equal bits, where one NaN is as good as another.</summary>
    public static bool SameBits<T>(T a, T b) where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        (T.IsNaN(a) && T.IsNaN(b)) || (a == b && T.IsNegative(a) == T.IsNegative(b));

    /// <summary>Steele, Lea and Flood's SplitMix64 finalizer.</summary>
    private static ulong Mix(ulong z)
    {
        z += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
