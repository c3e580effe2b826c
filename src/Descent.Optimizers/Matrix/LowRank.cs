namespace Descent.Optimizers;

/// <summary>A projection of a matrix's smaller side: tall matrices are multiplied from the right, wide ones from the left.</summary>
internal static class LowRank
{
    public static bool FromRight(long rows, long columns) => rows >= columns;

    public static long Rank(long rank, long rows, long columns) => Math.Min(rank, Math.Min(rows, columns));

    /// <summary>The shape of a projected matrix.</summary>
    public static (long Rows, long Columns) Shape(long rank, long rows, long columns) =>
        FromRight(rows, columns) ? (rows, Rank(rank, rows, columns)) : (Rank(rank, rows, columns), columns);

    /// <summary>GP, or PᵀG; P is as tall as G's smaller side.</summary>
    public static TMatrix Project<TMatrix>(IMatrixProvider<TMatrix> m, TMatrix gradient, TMatrix projection) where TMatrix : class
    {
        (_, long rows, long columns) = m.ShapeOf(gradient);
        return FromRight(rows, columns) ? m.Multiply(gradient, projection) : m.Multiply(m.Transpose(projection), gradient);
    }

    /// <summary>NPᵀ, or PN.</summary>
    public static TMatrix Back<TMatrix>(IMatrixProvider<TMatrix> m, TMatrix low, TMatrix projection, bool fromRight) where TMatrix : class =>
        fromRight ? m.Multiply(low, m.Transpose(projection)) : m.Multiply(projection, low);
}
