using System.Numerics;

namespace Descent.Tuning;

/// <summary>
/// Points that fill the unit cube evenly: the Sobol sequence with Owen's scrambling, any point of it at any time, seeded.
/// </summary>
/// <remarks>
/// <para>
/// Direction numbers: S. Joe and F. Y. Kuo, "Constructing Sobol sequences with better two-dimensional projections", SIAM J. Sci. Comput. 30 (2008), the
/// first 37 dimensions of <c>new-joe-kuo-6.21201</c> (© 2008 Frances Y. Kuo and Stephen Joe, free to use with this acknowledgement). Dimensions beyond have
/// the next primitive polynomials and odd initial numbers by chance, so each of them alone is as even, and pairs are nearly so.
/// </para>
/// <para>
/// Scrambling: nested uniform scrambling by a hash, B. Burley, "Practical Hash-based Owen Scrambling", JCGT 9 (2020), with the permutation of Laine and Karras
/// (2011). It keeps the balance of every block of 2ᵏ points, and no point is at a border of the cube.
/// </para>
/// </remarks>
internal sealed class SobolSequence
{
    private const int Bits = 32;

    /// <summary>Initial numbers of dimensions 2 to 37, in the order of their primitive polynomials: all of degree 1 to 7.</summary>
    private static readonly uint[][] InitialNumbers =
    [
        [1],
        [1, 3],
        [1, 3, 1], [1, 1, 1],
        [1, 1, 3, 3], [1, 3, 5, 13],
        [1, 1, 5, 5, 17], [1, 1, 5, 5, 5], [1, 1, 7, 11, 19], [1, 1, 5, 1, 1], [1, 1, 1, 3, 11], [1, 3, 5, 5, 31],
        [1, 3, 3, 9, 7, 49], [1, 1, 1, 15, 21, 21], [1, 3, 1, 13, 27, 49], [1, 1, 1, 15, 7, 5], [1, 3, 1, 15, 13, 25], [1, 1, 5, 5, 19, 61],
        [1, 3, 7, 11, 23, 15, 103], [1, 3, 7, 13, 13, 15, 69], [1, 1, 3, 13, 7, 35, 63], [1, 3, 5, 9, 1, 25, 53], [1, 3, 1, 13, 9, 35, 107],
        [1, 3, 1, 5, 27, 61, 31], [1, 1, 5, 11, 19, 41, 61], [1, 3, 5, 3, 3, 13, 69], [1, 1, 7, 13, 1, 19, 1], [1, 3, 7, 5, 13, 19, 59],
        [1, 1, 3, 9, 25, 29, 41], [1, 3, 5, 13, 23, 1, 55], [1, 3, 7, 3, 13, 59, 17], [1, 3, 1, 3, 5, 53, 69], [1, 1, 5, 5, 23, 33, 13],
        [1, 1, 7, 7, 1, 61, 123], [1, 1, 7, 9, 13, 61, 49], [1, 3, 3, 5, 3, 55, 33],
    ];

    private readonly uint[][] _directions;
    private readonly uint[] _seeds;

    /// <param name="dimensions">How many coordinates a point has, at least one.</param>
    /// <param name="seed">Of the scrambling: sequences of different seeds are independent.</param>
    public SobolSequence(int dimensions, ulong seed)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(dimensions);
        _directions = Directions(dimensions);
        _seeds = [.. Enumerable.Range(0, dimensions).Select(i => (uint)(Hash(seed + (0x9E3779B97F4A7C15 * (ulong)(i + 1))) >> 32))];
    }

    /// <summary>Writes point number <paramref name="index"/>, all coordinates strictly between 0 and 1.</summary>
    public void Point(uint index, Span<double> point)
    {
        for (int i = 0; i < _directions.Length; i++)
        {
            point[i] = (Scramble(Unscrambled(i, index), _seeds[i]) + 0.5) / 4294967296.0;
        }
    }

    /// <summary>Coordinate <paramref name="dimension"/> of a point before scrambling, as a fraction of 2³².</summary>
    internal uint Unscrambled(int dimension, uint index)
    {
        uint x = 0;
        for (uint rest = index; rest != 0; rest &= rest - 1)
        {
            x ^= _directions[dimension][BitOperations.TrailingZeroCount(rest)];
        }

        return x;
    }

    private static uint[][] Directions(int dimensions)
    {
        uint[][] directions = new uint[dimensions][];
        directions[0] = [.. Enumerable.Range(1, Bits).Select(static bit => 1u << (Bits - bit))]; // van der Corput's sequence
        IEnumerator<uint> polynomials = PrimitivePolynomials().GetEnumerator();
        for (int i = 1; i < dimensions; i++)
        {
            polynomials.MoveNext();
            uint polynomial = polynomials.Current;
            int degree = BitOperations.Log2(polynomial);
            uint[] initial = i <= InitialNumbers.Length ? InitialNumbers[i - 1] : OddNumbers(i, degree);
            directions[i] = Directions(polynomial, degree, initial);
        }

        return directions;
    }

    /// <summary>Joe and Kuo's recurrence: mₖ = 2a₁mₖ₋₁ ⊕ 2²a₂mₖ₋₂ ⊕ … ⊕ 2ˢmₖ₋ₛ ⊕ mₖ₋ₛ, here on vₖ = mₖ/2ᵏ.</summary>
    private static uint[] Directions(uint polynomial, int degree, uint[] initial)
    {
        uint[] v = new uint[Bits];
        for (int k = 0; k < Bits; k++)
        {
            if (k < degree)
            {
                v[k] = initial[k] << (Bits - 1 - k);
                continue;
            }

            v[k] = v[k - degree] ^ (v[k - degree] >> degree);
            for (int j = 1; j < degree; j++)
            {
                if (((polynomial >> (degree - j)) & 1) != 0)
                {
                    v[k] ^= v[k - j];
                }
            }
        }

        return v;
    }

    private static uint[] OddNumbers(int dimension, int degree) =>
        [.. Enumerable.Range(0, degree).Select(k => ((uint)Hash(((ulong)dimension << 8) + (ulong)k) & ((2u << k) - 1)) | 1)];

    /// <summary>The primitive polynomials over GF(2) as bits, by degree and then by size: x generates all 2ˢ − 1 residues.</summary>
    private static IEnumerable<uint> PrimitivePolynomials()
    {
        for (int degree = 1; degree < 20; degree++)
        {
            for (uint polynomial = (1u << degree) | 1; polynomial < 2u << degree; polynomial += 2)
            {
                if (IsPrimitive(polynomial, degree))
                {
                    yield return polynomial;
                }
            }
        }
    }

    private static bool IsPrimitive(uint polynomial, int degree)
    {
        uint residue = 1;
        uint order = 0;
        do
        {
            residue <<= 1;
            residue ^= (residue >> degree) == 0 ? 0 : polynomial;
            order++;
        }
        while (residue != 1);
        return order == (1u << degree) - 1;
    }

    private static uint Scramble(uint x, uint seed)
    {
        x = Reverse(x) + seed;
        x ^= x * 0x6c50b47c; // Laine and Karras's constants
        x ^= x * 0xb82f1e52;
        x ^= x * 0xc7afe638;
        x ^= x * 0x8d22f6e6;
        return Reverse(x);
    }

    private static uint Reverse(uint x)
    {
        x = ((x >> 1) & 0x55555555) | ((x & 0x55555555) << 1);
        x = ((x >> 2) & 0x33333333) | ((x & 0x33333333) << 2);
        x = ((x >> 4) & 0x0F0F0F0F) | ((x & 0x0F0F0F0F) << 4);
        return BitOperations.RotateRight(x & 0x00FF00FF, 8) | (BitOperations.RotateLeft(x, 8) & 0x00FF00FF);
    }

    /// <summary>SplitMix64's finalizer.</summary>
    private static ulong Hash(ulong x)
    {
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
        return x ^ (x >> 31);
    }
}
