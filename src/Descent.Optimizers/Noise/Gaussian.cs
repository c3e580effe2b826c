using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Descent.Optimizers;

/// <summary>
/// Standard normal numbers as a pure function of a counter: SplitMix64 (Steele, Lea and Flood, 2014) gives 64 bits a counter, whose halves become two
/// normals by the method of Box and Muller ("A Note on the Generation of Random Normal Deviates", 1958): √(−2 ln u)·(cos 2πv, sin 2πv).
/// </summary>
/// <remarks>
/// Everything is integer arithmetic, IEEE 754 operations and explicit FMA in double, so the bits are the same on every processor; the library's
/// logarithm and sine are not. Logarithm, sine and cosine are their series, cut where the next term is below 1e-9: far
/// below what a float resolves. u is a multiple of 2⁻³², so |z| is at most √(64 ln 2) = 6.66.
/// </remarks>
internal static class Gaussian
{
    /// <summary>Numbers that one call gives: element i and i + 4 of a block come from the same counter.</summary>
    public const int Block = 8;

    private const double Ln2 = 0.693147180559945309417;

    /// <summary>The eight numbers of a block.</summary>
    /// <param name="key">Tells independent streams apart.</param>
    /// <param name="block">The block's number within the stream.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (Vector256<double> First, Vector256<double> Second) Next(ulong key, long block)
    {
        Vector256<ulong> counter = Vector256.Create(unchecked(key + ((ulong)block * 4))) + Vector256.Create(0UL, 1, 2, 3);
        Vector256<ulong> bits = Mix(counter);

        // 1 + k/2³² for both halves, put together bit by bit; 2 − that is in (0, 1].
        Vector256<ulong> one = Vector256.Create(0x3FF0_0000_0000_0000UL);
        Vector256<double> u = Vector256.Create(2.0) - (((bits & Vector256.Create(0xFFFF_FFFFUL)) << 20) | one).AsDouble();
        Vector256<double> v = (((bits >> 32) << 20) | one).AsDouble() - Vector256<double>.One;
        Vector256<double> radius = Vector256.Sqrt(Vector256.Create(-2.0) * Log(u));
        (Vector256<double> sine, Vector256<double> cosine) = SinCosOfTurns(v);
        return (radius * cosine, radius * sine);
    }

    /// <summary>A stream's key from what it is for.</summary>
    /// <param name="seed">The run's seed.</param>
    /// <param name="step">The step.</param>
    /// <param name="name">The parameter's name.</param>
    public static ulong Key(long seed, long step, ReadOnlySpan<char> name)
    {
        ulong key = Mix(unchecked(Mix((ulong)seed) + (ulong)step));
        foreach (char letter in name)
        {
            key = Mix(key ^ letter);
        }

        return key;
    }

    private static ulong Mix(ulong counter) => Mix(Vector256.Create(counter))[0];

    private static Vector256<ulong> Mix(Vector256<ulong> z)
    {
        z += Vector256.Create(0x9E3779B97F4A7C15);
        z = (z ^ (z >> 30)) * Vector256.Create(0xBF58476D1CE4E5B9);
        z = (z ^ (z >> 27)) * Vector256.Create(0x94D049BB133111EB);
        return z ^ (z >> 31);
    }

    /// <summary>ln x for normal x above 0: x = 2ᵉ·m with m from √½ to √2, ln m = 2·artanh((m−1)/(m+1)).</summary>
    private static Vector256<double> Log(Vector256<double> x)
    {
        Vector256<ulong> bits = x.AsUInt64();

        // Adding what lies between √½ and 1 carries into the exponent where the mantissa is above √2.
        Vector256<ulong> offset = Vector256.Create(0x3FF0_0000_0000_0000UL - 0x3FE6_A09E_667F_3BCDUL);
        Vector256<ulong> moved = bits + offset;
        Vector256<ulong> exponent = moved >> 52;
        Vector256<double> m = ((moved & Vector256.Create(0x000F_FFFF_FFFF_FFFFUL)) + Vector256.Create(0x3FE6_A09E_667F_3BCDUL)).AsDouble();

        // 2⁵² + e as bits, minus 2⁵² + bias as a number.
        Vector256<double> e = (exponent | Vector256.Create(0x4330_0000_0000_0000UL)).AsDouble() - Vector256.Create(4503599627370496.0 + 1023);
        Vector256<double> s = (m - Vector256<double>.One) / (m + Vector256<double>.One);
        Vector256<double> q = s * s;
        Vector256<double> series = Vector256.Create(1.0 / 11);
        series = Fma(series, q, 1.0 / 9);
        series = Fma(series, q, 1.0 / 7);
        series = Fma(series, q, 1.0 / 5);
        series = Fma(series, q, 1.0 / 3);
        series = Fma(series, q, 1.0);
        return Vector256.FusedMultiplyAdd(e, Vector256.Create(Ln2), (s + s) * series);
    }

    /// <summary>sin 2πv and cos 2πv for v from 0 to below 1: the nearest quarter turn, and at most an eighth of a turn beside it.</summary>
    private static (Vector256<double> Sine, Vector256<double> Cosine) SinCosOfTurns(Vector256<double> v)
    {
        // Adding 1.5·2⁵² rounds to a whole number, which then stands in the lowest bits.
        Vector256<double> big = Vector256.Create(6755399441055744.0);
        Vector256<double> shifted = Vector256.Create(4.0) * v + big;
        Vector256<ulong> quarter = shifted.AsUInt64();
        Vector256<double> x = (Vector256.Create(4.0) * v - (shifted - big)) * Vector256.Create(Math.PI / 2);
        Vector256<double> q = x * x;

        Vector256<double> sine = Vector256.Create(-1.0 / 39916800);
        sine = Fma(sine, q, 1.0 / 362880);
        sine = Fma(sine, q, -1.0 / 5040);
        sine = Fma(sine, q, 1.0 / 120);
        sine = Fma(sine, q, -1.0 / 6);
        sine = Fma(sine, q, 1.0) * x;

        Vector256<double> cosine = Vector256.Create(1.0 / 479001600);
        cosine = Fma(cosine, q, -1.0 / 3628800);
        cosine = Fma(cosine, q, 1.0 / 40320);
        cosine = Fma(cosine, q, -1.0 / 720);
        cosine = Fma(cosine, q, 1.0 / 24);
        cosine = Fma(cosine, q, -0.5);
        cosine = Fma(cosine, q, 1.0);

        // Odd quarters swap sine and cosine; the signs follow the quadrant.
        Vector256<ulong> sign = Vector256.Create(0x8000_0000_0000_0000UL);
        Vector256<double> odd = (Vector256<ulong>.Zero - (quarter & Vector256<ulong>.One)).AsDouble();
        Vector256<ulong> sineSign = (quarter << 62) & sign;
        Vector256<ulong> cosineSign = ((quarter + Vector256<ulong>.One) << 62) & sign;
        return (
            (Vector256.ConditionalSelect(odd, cosine, sine).AsUInt64() ^ sineSign).AsDouble(),
            (Vector256.ConditionalSelect(odd, sine, cosine).AsUInt64() ^ cosineSign).AsDouble());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<double> Fma(Vector256<double> a, Vector256<double> b, double c) => Vector256.FusedMultiplyAdd(a, b, Vector256.Create(c));
}
