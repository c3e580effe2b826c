using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Descent.Tuning.Samplers;

/// <summary>The points that a Gaussian process has seen, by dimension, and the squared differences of all pairs of them in each dimension.</summary>
/// <remarks>
/// A difference is that of the places on a line, 0 or 1 for choices without order. A parameter that isn't there lies beside the line of those that are, half a
/// unit from its middle: absent and absent is 0, absent and u is (u − ½)² + ¼. All of these are squared distances of points in a plane, so any kernel that is
/// positive definite over Euclidean distances stays so (the idea of Hutter and Osborne, "A Kernel for Hierarchical Parameter Spaces", 2013).
/// </remarks>
internal sealed class ProcessData
{
    private readonly double[][] _columns;
    private readonly double[][] _differences;

    public ProcessData(IReadOnlyList<Axis> axes)
    {
        Axes = axes;
        _columns = [.. axes.Select(static _ => new double[16])];
        _differences = [.. axes.Select(static _ => new double[120])];
    }

    public IReadOnlyList<Axis> Axes { get; }

    /// <summary>The number of dimensions.</summary>
    public int Dimensions => Axes.Count;

    /// <summary>The number of points.</summary>
    public int Count { get; private set; }

    /// <summary>The squared differences of all pairs in a dimension: that of points i &gt; j stands at i·(i − 1)/2 + j.</summary>
    /// <param name="dimension">The dimension.</param>
    /// <param name="count">Of the first so many points.</param>
    public ReadOnlySpan<double> Differences(int dimension, int count) => _differences[dimension].AsSpan(0, count * (count - 1) / 2);

    public void Add(ReadOnlySpan<double> point)
    {
        int n = Count;
        int pairs = n * (n - 1) / 2;
        for (int j = 0; j < Dimensions; j++)
        {
            if (_columns[j].Length == n)
            {
                Array.Resize(ref _columns[j], 2 * n);
                Array.Resize(ref _differences[j], n * ((2 * n) - 1));
            }

            Span<double> target = _differences[j].AsSpan(pairs, n);
            target.Clear();
            AddDifferences(target, j, point[j], 1);
            _columns[j][n] = point[j];
        }

        Count++;
    }

    /// <summary>Adds the weighted squared differences between one coordinate and those of the first points.</summary>
    /// <param name="squared">To add to; its length says how many points.</param>
    /// <param name="dimension">The dimension.</param>
    /// <param name="x">The coordinate.</param>
    /// <param name="weight">The weight.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void AddDifferences(Span<double> squared, int dimension, double x, double weight)
    {
        ReadOnlySpan<double> column = _columns[dimension];
        Axis axis = Axes[dimension];
        int n = squared.Length;
        int i = 0;
        if (!axis.IsCategorical && axis.Parameter.Condition is null)
        {
            ref double from = ref MemoryMarshal.GetReference(column);
            ref double to = ref MemoryMarshal.GetReference(squared);
            Vector256<double> place = Vector256.Create(x);
            Vector256<double> factor = Vector256.Create(weight);
            for (; i <= n - 4; i += 4)
            {
                Vector256<double> difference = place - Vector256.LoadUnsafe(ref from, (nuint)i);
                Vector256.FusedMultiplyAdd(factor * difference, difference, Vector256.LoadUnsafe(ref to, (nuint)i)).StoreUnsafe(ref to, (nuint)i);
            }
        }

        for (; i < n; i++)
        {
            squared[i] += weight * Difference(axis.IsCategorical, x, column[i]);
        }
    }

    /// <summary>d/dx of a squared difference, where there is one.</summary>
    public double Slope(int dimension, double x, int point)
    {
        double other = _columns[dimension][point];
        return Axes[dimension].IsCategorical || double.IsNaN(x) ? 0 : 2 * (x - (double.IsNaN(other) ? 0.5 : other));
    }

    private static double Difference(bool categorical, double a, double b) => (double.IsNaN(a), double.IsNaN(b)) switch
    {
        (true, true) => 0,
        (true, false) => categorical ? 1 : ((b - 0.5) * (b - 0.5)) + 0.25,
        (false, true) => categorical ? 1 : ((a - 0.5) * (a - 0.5)) + 0.25,
        _ => categorical ? (a == b ? 0 : 1) : (a - b) * (a - b),
    };
}
