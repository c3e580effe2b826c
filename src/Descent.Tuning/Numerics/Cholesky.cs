namespace Descent.Tuning;

/// <summary>
/// The lower Cholesky factor of a symmetric positive definite matrix, grown row by row: A = L·Lᵀ.
/// </summary>
/// <remarks>
/// Rows are stored one after the other in full length, so that every inner loop runs over neighbouring numbers. A few hundred rows at most: a package of linear
/// algebra would win nothing here and could not append a row (see docs/dependencies.md).
/// </remarks>
internal sealed class Cholesky
{
    private double[] _rows = [];
    private int _capacity;

    /// <summary>The number of rows.</summary>
    public int Size { get; private set; }

    /// <summary>log det A.</summary>
    public double LogDeterminant { get; private set; }

    /// <summary>The row of the factor up to its diagonal.</summary>
    public ReadOnlySpan<double> Row(int i) => _rows.AsSpan(i * _capacity, i + 1);

    /// <summary>Forgets all rows and makes room for so many.</summary>
    public void Clear(int capacity)
    {
        if (capacity > _capacity)
        {
            _capacity = capacity;
            _rows = new double[capacity * capacity];
        }

        Size = 0;
        LogDeterminant = 0;
    }

    /// <summary>Appends a row of the matrix.</summary>
    /// <param name="row">Its entries up to the diagonal: Size + 1 numbers.</param>
    /// <returns>Whether the matrix is still positive definite; if not, nothing is appended.</returns>
    public bool Append(ReadOnlySpan<double> row)
    {
        int i = Size;
        if (i == _capacity)
        {
            Grow();
        }

        Span<double> target = _rows.AsSpan(i * _capacity, i + 1);
        for (int j = 0; j < i; j++)
        {
            ReadOnlySpan<double> other = _rows.AsSpan(j * _capacity, j + 1);
            target[j] = (row[j] - DenseMath.Dot(target[..j], other[..j])) / other[j];
        }

        double pivot = row[i] - DenseMath.Dot(target[..i], target[..i]);
        if (!(pivot > 1e-14 * Math.Abs(row[i])))
        {
            return false;
        }

        target[i] = Math.Sqrt(pivot);
        LogDeterminant += Math.Log(pivot);
        Size++;
        return true;
    }

    /// <summary>Solves L·x = b in place.</summary>
    public void SolveLower(Span<double> b)
    {
        for (int i = 0; i < Size; i++)
        {
            ReadOnlySpan<double> row = Row(i);
            b[i] = (b[i] - DenseMath.Dot(row[..i], b[..i])) / row[i];
        }
    }

    /// <summary>Solves Lᵀ·x = b in place.</summary>
    public void SolveUpper(Span<double> b)
    {
        for (int i = Size - 1; i >= 0; i--)
        {
            ReadOnlySpan<double> row = Row(i);
            b[i] /= row[i];
            DenseMath.AddScaled(b[..i], -b[i], row[..i]);
        }
    }

    /// <summary>Writes L⁻¹ as packed rows: row i has i + 1 numbers and begins at i·(i + 1)/2.</summary>
    public void InverseFactor(Span<double> packed)
    {
        for (int i = 0; i < Size; i++)
        {
            ReadOnlySpan<double> row = Row(i);
            Span<double> target = packed.Slice(i * (i + 1) / 2, i + 1);
            target.Clear();
            for (int k = 0; k < i; k++)
            {
                DenseMath.AddScaled(target[..(k + 1)], row[k], packed.Slice(k * (k + 1) / 2, k + 1));
            }

            double inverse = 1 / row[i];
            for (int j = 0; j < i; j++)
            {
                target[j] *= -inverse;
            }

            target[i] = inverse;
        }
    }

    private void Grow()
    {
        int capacity = Math.Max(16, _capacity * 2);
        double[] rows = new double[capacity * capacity];
        for (int i = 0; i < Size; i++)
        {
            Row(i).CopyTo(rows.AsSpan(i * capacity));
        }

        (_rows, _capacity) = (rows, capacity);
    }
}
