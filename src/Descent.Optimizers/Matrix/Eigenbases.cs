namespace Descent.Optimizers;

/// <summary>The two sides' covariances and their eigenvectors; a side without is left as it is.</summary>
internal static class Eigenbases
{
    /// <summary>L ← βL + (1−β)ggᵀ and R ← βR + (1−β)gᵀg.</summary>
    public static void UpdateFactors<TMatrix>(IMatrixProvider<TMatrix> m, TMatrix gradient, TMatrix?[] factors, double beta) where TMatrix : class
    {
        TMatrix transposed = m.Transpose(gradient);
        for (int side = 0; side < 2; side++)
        {
            if (factors[side] is { } factor)
            {
                TMatrix next = side == 0
                    ? m.MultiplyAdd(beta, factor, 1 - beta, gradient, transposed)
                    : m.MultiplyAdd(beta, factor, 1 - beta, transposed, gradient);
                m.Copy(next, factor);
                m.Release(next);
            }
        }
    }

    /// <summary>The eigenvectors, those of the largest eigenvalues first.</summary>
    public static void Initialize<TMatrix>(IMatrixProvider<TMatrix> m, TMatrix?[] factors, TMatrix?[] bases) where TMatrix : class
    {
        for (int side = 0; side < 2; side++)
        {
            if (factors[side] is { } factor)
            {
                (double[] values, TMatrix vectors) = m.Eigen(factor);
                TMatrix ordered = m.Select(vectors, Descending(values, m.ShapeOf(factor).Count), MatrixAxis.Columns);
                m.Copy(ordered, bases[side]!);
                m.Release(vectors);
                m.Release(ordered);
            }
        }
    }

    /// <summary>One power iteration: Q ← QR(LQ), columns in order of their estimated eigenvalues; the moments along them follow.</summary>
    public static void Refresh<TMatrix>(IMatrixProvider<TMatrix> m, TMatrix?[] factors, TMatrix?[] bases, TMatrix square) where TMatrix : class
    {
        for (int side = 0; side < 2; side++)
        {
            if (factors[side] is not { } factor)
            {
                continue;
            }

            TMatrix basis = bases[side]!;
            TMatrix power = m.Multiply(factor, basis);
            long[] order = Descending(m.Dots(basis, power, MatrixAxis.Columns), m.ShapeOf(factor).Count);
            TMatrix ordered = m.Select(power, order, MatrixAxis.Columns);
            TMatrix orthonormal = m.Orthonormal(ordered);
            m.Copy(orthonormal, basis);
            TMatrix moments = m.Select(square, order, side == 0 ? MatrixAxis.Rows : MatrixAxis.Columns);
            m.Copy(moments, square);
            m.Release(power);
            m.Release(ordered);
            m.Release(orthonormal);
            m.Release(moments);
        }
    }

    /// <summary>Q_Lᵀ x Q_R, or back: Q_L x Q_Rᵀ. A new matrix in either case.</summary>
    public static TMatrix Rotate<TMatrix>(IMatrixProvider<TMatrix> m, TMatrix x, TMatrix?[] bases, bool back) where TMatrix : class
    {
        (_, long rows, long columns) = m.ShapeOf(x);
        TMatrix left = bases[0] is { } l ? m.Multiply(back ? l : m.Transpose(l), x) : x;
        TMatrix result = bases[1] is { } r ? m.Multiply(left, back ? m.Transpose(r) : r)
            : bases[0] is null ? m.Block(x, 0, rows, 0, columns)
            : left;
        if (bases[0] is not null && bases[1] is not null)
        {
            m.Release(left);
        }

        return result;
    }

    private static long[] Descending(double[] values, long count)
    {
        int each = (int)(values.Length / count);
        long[] order = new long[values.Length];
        for (int index = 0; index < count; index++)
        {
            // Stable, so that equal values keep their order on every machine.
            Enumerable.Range(0, each).OrderByDescending(place => values[(index * each) + place]).Select(static place => (long)place).ToArray()
                .CopyTo(order, index * each);
        }

        return order;
    }
}
