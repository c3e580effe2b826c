using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Descent.Tuning;

/// <summary>
/// Inner loops of the models, four doubles wide. Products are fused and sums have a fixed order, so that the bits don't depend on the processor.
/// </summary>
internal static class DenseMath
{
    /// <summary>Σ aᵢbᵢ.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double Dot(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        ref double x = ref MemoryMarshal.GetReference(a);
        ref double y = ref MemoryMarshal.GetReference(b);
        int n = Math.Min(a.Length, b.Length);
        Vector256<double> even = Vector256<double>.Zero;
        Vector256<double> odd = Vector256<double>.Zero;
        int i = 0;
        for (; i <= n - 8; i += 8)
        {
            even = Vector256.FusedMultiplyAdd(Vector256.LoadUnsafe(ref x, (nuint)i), Vector256.LoadUnsafe(ref y, (nuint)i), even);
            odd = Vector256.FusedMultiplyAdd(Vector256.LoadUnsafe(ref x, (nuint)i + 4), Vector256.LoadUnsafe(ref y, (nuint)i + 4), odd);
        }

        if (i <= n - 4)
        {
            even = Vector256.FusedMultiplyAdd(Vector256.LoadUnsafe(ref x, (nuint)i), Vector256.LoadUnsafe(ref y, (nuint)i), even);
            i += 4;
        }

        double sum = Vector256.Sum(even + odd);
        for (; i < n; i++)
        {
            sum = Math.FusedMultiplyAdd(Unsafe.Add(ref x, i), Unsafe.Add(ref y, i), sum);
        }

        return sum;
    }

    /// <summary>y += a·x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddScaled(Span<double> y, double a, ReadOnlySpan<double> x)
    {
        ref double to = ref MemoryMarshal.GetReference(y);
        ref double from = ref MemoryMarshal.GetReference(x);
        int n = Math.Min(y.Length, x.Length);
        Vector256<double> factor = Vector256.Create(a);
        int i = 0;
        for (; i <= n - 4; i += 4)
        {
            Vector256.FusedMultiplyAdd(factor, Vector256.LoadUnsafe(ref from, (nuint)i), Vector256.LoadUnsafe(ref to, (nuint)i)).StoreUnsafe(ref to, (nuint)i);
        }

        for (; i < n; i++)
        {
            Unsafe.Add(ref to, i) = Math.FusedMultiplyAdd(a, Unsafe.Add(ref from, i), Unsafe.Add(ref to, i));
        }
    }

    /// <summary>Σ aᵢbᵢcᵢ.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double Dot(ReadOnlySpan<double> a, ReadOnlySpan<double> b, ReadOnlySpan<double> c)
    {
        ref double x = ref MemoryMarshal.GetReference(a);
        ref double y = ref MemoryMarshal.GetReference(b);
        ref double z = ref MemoryMarshal.GetReference(c);
        int n = Math.Min(Math.Min(a.Length, b.Length), c.Length);
        Vector256<double> sums = Vector256<double>.Zero;
        int i = 0;
        for (; i <= n - 4; i += 4)
        {
            Vector256<double> product = Vector256.LoadUnsafe(ref x, (nuint)i) * Vector256.LoadUnsafe(ref y, (nuint)i);
            sums = Vector256.FusedMultiplyAdd(product, Vector256.LoadUnsafe(ref z, (nuint)i), sums);
        }

        double sum = Vector256.Sum(sums);
        for (; i < n; i++)
        {
            sum = Math.FusedMultiplyAdd(Unsafe.Add(ref x, i) * Unsafe.Add(ref y, i), Unsafe.Add(ref z, i), sum);
        }

        return sum;
    }

    /// <summary>
    /// The Matérn kernel of smoothness 5/2 over squared distances: <c>k = s·(1 + √5·r + 5r²/3)·exp(−√5·r)</c>, and its slope
    /// <c>dk/d(r²) = −s·(5/6)·(1 + √5·r)·exp(−√5·r)</c>. Rasmussen and Williams, "Gaussian Processes for Machine Learning", 2006, equation 4.17.
    /// </summary>
    /// <param name="squared">r², replaced by k.</param>
    /// <param name="slopes">Receives dk/d(r²); may be empty.</param>
    /// <param name="scale">s.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Matern52(Span<double> squared, Span<double> slopes, double scale)
    {
        ref double value = ref MemoryMarshal.GetReference(squared);
        ref double slope = ref MemoryMarshal.GetReference(slopes);
        bool wantsSlopes = !slopes.IsEmpty;
        int n = squared.Length;
        Vector256<double> one = Vector256.Create(1.0);
        Vector256<double> s = Vector256.Create(scale);
        Vector256<double> steepness = Vector256.Create(-5 * scale / 6);
        for (int i = 0; i < n; i += 4)
        {
            bool whole = i + 4 <= n;
            Vector256<double> squares = whole ? Vector256.LoadUnsafe(ref value, (nuint)i) : Partial(squared[i..]);
            Vector256<double> five = squares * Vector256.Create(5.0);
            Vector256<double> root = Vector256.Sqrt(five);
            Vector256<double> exponential = Vector256.Exp(-root);
            Vector256<double> linear = (one + root) * exponential;
            Vector256<double> kernel = s * Vector256.FusedMultiplyAdd(five * Vector256.Create(1.0 / 3), exponential, linear);
            if (whole)
            {
                kernel.StoreUnsafe(ref value, (nuint)i);
                if (wantsSlopes)
                {
                    (steepness * linear).StoreUnsafe(ref slope, (nuint)i);
                }
            }
            else
            {
                for (int k = 0; i + k < n; k++)
                {
                    squared[i + k] = kernel[k];
                    if (wantsSlopes)
                    {
                        slopes[i + k] = (steepness * linear)[k];
                    }
                }
            }
        }
    }

    /// <summary>yᵢ −= ½·((x − μᵢ)·p)².</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddNormalExponent(Span<double> y, ReadOnlySpan<double> means, double x, double precision)
    {
        ref double to = ref MemoryMarshal.GetReference(y);
        ref double from = ref MemoryMarshal.GetReference(means);
        int n = Math.Min(y.Length, means.Length);
        Vector256<double> place = Vector256.Create(x);
        double half = -0.5 * precision * precision;
        Vector256<double> factor = Vector256.Create(half);
        int i = 0;
        for (; i <= n - 4; i += 4)
        {
            Vector256<double> difference = place - Vector256.LoadUnsafe(ref from, (nuint)i);
            Vector256.FusedMultiplyAdd(factor * difference, difference, Vector256.LoadUnsafe(ref to, (nuint)i)).StoreUnsafe(ref to, (nuint)i);
        }

        for (; i < n; i++)
        {
            double difference = x - Unsafe.Add(ref from, i);
            Unsafe.Add(ref to, i) = Math.FusedMultiplyAdd(half * difference, difference, Unsafe.Add(ref to, i));
        }
    }

    /// <summary>The largest of the numbers, none of which is NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double Max(ReadOnlySpan<double> values)
    {
        ref double x = ref MemoryMarshal.GetReference(values);
        int n = values.Length;
        Vector256<double> largest = Vector256.Create(double.NegativeInfinity);
        int i = 0;
        for (; i <= n - 4; i += 4)
        {
            largest = Vector256.Max(largest, Vector256.LoadUnsafe(ref x, (nuint)i));
        }

        double max = double.NegativeInfinity;
        for (int k = 0; k < 4; k++)
        {
            max = Math.Max(max, largest[k]);
        }

        for (; i < n; i++)
        {
            max = Math.Max(max, Unsafe.Add(ref x, i));
        }

        return max;
    }

    /// <summary>Σ exp(xᵢ − shift).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double SumExp(ReadOnlySpan<double> exponents, double shift)
    {
        ref double x = ref MemoryMarshal.GetReference(exponents);
        int n = exponents.Length;
        Vector256<double> subtract = Vector256.Create(shift);
        Vector256<double> sums = Vector256<double>.Zero;
        int i = 0;
        for (; i <= n - 4; i += 4)
        {
            sums += Vector256.Exp(Vector256.LoadUnsafe(ref x, (nuint)i) - subtract);
        }

        double sum = Vector256.Sum(sums);
        for (; i < n; i++)
        {
            sum += Math.Exp(Unsafe.Add(ref x, i) - shift);
        }

        return sum;
    }

    private static Vector256<double> Partial(ReadOnlySpan<double> values)
    {
        Span<double> padded = stackalloc double[4];
        padded.Clear();
        values.CopyTo(padded);
        return Vector256.Create<double>(padded);
    }
}
