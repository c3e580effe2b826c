using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Descent.Optimizers;

/// <summary>
/// Matrix work in plain loops: the reference that faster providers agree with, and all that small matrices need. The order of every sum is fixed, so results
/// depend on nothing but the numbers.
/// </summary>
/// <typeparam name="T"><see cref="float"/> or <see cref="double"/>; decompositions and sums are in double.</typeparam>
/// <param name="threads">For element-wise passes. Default: the caller's thread alone.</param>
public sealed class DenseProvider<T>(IParallelRunner? threads = null) : IMatrixProvider<DenseMatrix<T>>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly IParallelRunner _threads = threads ?? SingleThread.Instance;

    /// <inheritdoc/>
    public (long Count, long Rows, long Columns) ShapeOf(DenseMatrix<T> a) => (a.Count, a.Rows, a.Columns);

    /// <inheritdoc/>
    public DenseMatrix<T> Transpose(DenseMatrix<T> a)
    {
        DenseMatrix<T> result = new(a.Count, a.Columns, a.Rows);
        for (int index = 0; index < a.Count; index++)
        {
            for (int row = 0; row < a.Rows; row++)
            {
                for (int column = 0; column < a.Columns; column++)
                {
                    result[index, column, row] = a[index, row, column];
                }
            }
        }

        return result;
    }

    /// <inheritdoc/>
    public DenseMatrix<T> Multiply(DenseMatrix<T> a, DenseMatrix<T> b) => MultiplyAdd(0, new(a.Count, a.Rows, b.Columns), 1, a, b);

    /// <inheritdoc/>
    public DenseMatrix<T> MultiplyAdd(double beta, DenseMatrix<T> c, double alpha, DenseMatrix<T> a, DenseMatrix<T> b)
    {
        if (a.Columns != b.Rows || c.Rows != a.Rows || c.Columns != b.Columns || a.Count != b.Count || a.Count != c.Count)
        {
            throw new ArgumentException($"{Describe(a)} · {Describe(b)} + {Describe(c)} don't fit together.", nameof(b));
        }

        DenseMatrix<T> result = new(a.Count, a.Rows, b.Columns);
        T scale = T.CreateChecked(alpha), keep = T.CreateChecked(beta);
        for (int index = 0; index < a.Count; index++)
        {
            for (int row = 0; row < a.Rows; row++)
            {
                // Row by row of B: every inner loop runs along memory.
                Span<T> sum = result.Row(index, row);
                ReadOnlySpan<T> factors = a.Row(index, row);
                for (int k = 0; k < factors.Length; k++)
                {
                    T factor = factors[k];
                    ReadOnlySpan<T> other = b.Row(index, k);
                    for (int column = 0; column < sum.Length; column++)
                    {
                        sum[column] += factor * other[column];
                    }
                }

                ReadOnlySpan<T> added = c.Row(index, row);
                for (int column = 0; column < sum.Length; column++)
                {
                    sum[column] = beta == 0 ? scale * sum[column] : (keep * added[column]) + (scale * sum[column]);
                }
            }
        }

        return result;
    }

    /// <inheritdoc/>
    public DenseMatrix<T> Orthonormal(DenseMatrix<T> a) => Each(a, a.Rows, a.Columns, static matrix => DenseDecompositions.Orthonormal(matrix));

    /// <inheritdoc/>
    public (double[] Values, DenseMatrix<T> Vectors) Eigen(DenseMatrix<T> symmetric)
    {
        int n = symmetric.Rows;
        double[] all = new double[symmetric.Count * n];
        int index = 0;
        DenseMatrix<T> vectors = Each(symmetric, n, n, matrix =>
        {
            (double[] values, double[,] columns) = DenseDecompositions.Eigen(matrix);
            values.CopyTo(all, index++ * n);
            return columns;
        });
        return (all, vectors);
    }

    /// <inheritdoc/>
    public DenseMatrix<T> Select(DenseMatrix<T> a, ReadOnlySpan<long> order, MatrixAxis axis)
    {
        int each = order.Length / a.Count;
        bool rows = axis == MatrixAxis.Rows;
        DenseMatrix<T> result = rows ? new(a.Count, each, a.Columns) : new(a.Count, a.Rows, each);
        for (int index = 0; index < a.Count; index++)
        {
            ReadOnlySpan<long> own = order.Slice(index * each, each);
            for (int row = 0; row < result.Rows; row++)
            {
                for (int column = 0; column < result.Columns; column++)
                {
                    result[index, row, column] = rows ? a[index, (int)own[row], column] : a[index, row, (int)own[column]];
                }
            }
        }

        return result;
    }

    /// <inheritdoc/>
    public DenseMatrix<T> Block(DenseMatrix<T> a, long row, long rows, long column, long columns)
    {
        DenseMatrix<T> result = new(a.Count, (int)rows, (int)columns);
        for (int index = 0; index < a.Count; index++)
        {
            for (int i = 0; i < rows; i++)
            {
                a.Row(index, (int)row + i).Slice((int)column, (int)columns).CopyTo(result.Row(index, i));
            }
        }

        return result;
    }

    /// <inheritdoc/>
    public void SetBlock(DenseMatrix<T> a, long row, long column, DenseMatrix<T> value)
    {
        for (int index = 0; index < a.Count; index++)
        {
            for (int i = 0; i < value.Rows; i++)
            {
                value.Row(index, i).CopyTo(a.Row(index, (int)row + i)[(int)column..]);
            }
        }
    }

    /// <inheritdoc/>
    public double[] Dots(DenseMatrix<T> a, DenseMatrix<T> b, MatrixAxis axis)
    {
        int each = Factors(a, axis);
        double[] sums = new double[a.Count * each];
        ForEach(a, axis, each, (place, factor) => sums[factor] += double.CreateChecked(a.Data[place]) * double.CreateChecked(b.Data[place]));
        return sums;
    }

    /// <inheritdoc/>
    public void Scale(DenseMatrix<T> a, ReadOnlySpan<double> factors, MatrixAxis axis)
    {
        T[] scales = new T[factors.Length];
        for (int i = 0; i < scales.Length; i++)
        {
            scales[i] = T.CreateChecked(factors[i]);
        }

        ForEach(a, axis, Factors(a, axis), (place, factor) => a.Data[place] *= scales[factor]);
    }

    /// <inheritdoc/>
    public void Copy(DenseMatrix<T> from, DenseMatrix<T> to) => from.Data.CopyTo(to.Data, 0);

    /// <inheritdoc/>
    public double[] Read(DenseMatrix<T> a) => [.. a.Data.Select(static element => double.CreateChecked(element))];

    /// <inheritdoc/>
    public void Write(DenseMatrix<T> a, ReadOnlySpan<double> values)
    {
        for (int i = 0; i < a.Data.Length; i++)
        {
            a.Data[i] = T.CreateChecked(values[i]);
        }
    }

    /// <inheritdoc/>
    public DenseMatrix<T> Gaussian(ReadOnlySpan<ulong> keys, long rows, long columns, double deviation, DenseMatrix<T> like)
    {
        DenseMatrix<T> result = new(keys.Length, (int)rows, (int)columns);
        double[] numbers = new double[rows * columns];
        for (int index = 0; index < keys.Length; index++)
        {
            Projections.Fill(numbers, keys[index], deviation);
            for (int i = 0; i < numbers.Length; i++)
            {
                result.Data[(index * numbers.Length) + i] = T.CreateChecked(numbers[i]);
            }
        }

        return result;
    }

    /// <inheritdoc/>
    public unsafe void Pass(UpdateKernel kernel, in StepScalars scalars, DenseMatrix<T> p, DenseMatrix<T> g, params ReadOnlySpan<DenseMatrix<T>> states)
    {
        TensorSlot slot = new()
        {
            Parameter = Address(p),
            Gradient = Address(g),
            State0 = states.Length > 0 ? Address(states[0]) : null,
            State1 = states.Length > 1 ? Address(states[1]) : null,
            State2 = states.Length > 2 ? Address(states[2]) : null,
            State3 = states.Length > 3 ? Address(states[3]) : null,
            Length = p.Data.Length,
        };
        kernel.Update(new ReadOnlySpan<TensorSlot>(in slot), Element.TypeOf<T>(), scalars, _threads);
    }

    /// <inheritdoc/>
    public void Release(DenseMatrix<T> a)
    {
    }

    private static unsafe void* Address(DenseMatrix<T> a) => Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(a.Data)); // pinned

    private static string Describe(DenseMatrix<T> a) => $"{a.Count} × {a.Rows} × {a.Columns}";

    private static int Factors(DenseMatrix<T> a, MatrixAxis axis) => axis switch { MatrixAxis.Whole => 1, MatrixAxis.Rows => a.Rows, _ => a.Columns };

    private static void ForEach(DenseMatrix<T> a, MatrixAxis axis, int each, Action<int, int> visit)
    {
        int place = 0;
        for (int index = 0; index < a.Count; index++)
        {
            for (int row = 0; row < a.Rows; row++)
            {
                for (int column = 0; column < a.Columns; column++)
                {
                    visit(place++, (index * each) + axis switch { MatrixAxis.Whole => 0, MatrixAxis.Rows => row, _ => column });
                }
            }
        }
    }

    private static DenseMatrix<T> Each(DenseMatrix<T> a, int rows, int columns, Func<double[,], double[,]> decompose)
    {
        DenseMatrix<T> result = new(a.Count, rows, columns);
        double[,] matrix = new double[a.Rows, a.Columns];
        for (int index = 0; index < a.Count; index++)
        {
            for (int i = 0; i < matrix.Length; i++)
            {
                matrix[i / a.Columns, i % a.Columns] = double.CreateChecked(a.Data[(index * matrix.Length) + i]);
            }

            double[,] found = decompose(matrix);
            for (int i = 0; i < found.Length; i++)
            {
                result.Data[(index * found.Length) + i] = T.CreateChecked(found[i / columns, i % columns]);
            }
        }

        return result;
    }
}
