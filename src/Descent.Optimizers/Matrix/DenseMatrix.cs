using System.Numerics;

namespace Descent.Optimizers;

/// <summary>A batch of matrices in managed memory, one after the other, row by row.</summary>
/// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
/// <param name="count">How many.</param>
/// <param name="rows">Rows of each.</param>
/// <param name="columns">Columns of each.</param>
public sealed class DenseMatrix<T>(int count, int rows, int columns) where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>How many matrices.</summary>
    public int Count => count;

    /// <summary>Rows of each.</summary>
    public int Rows => rows;

    /// <summary>Columns of each.</summary>
    public int Columns => columns;

    /// <summary>All elements; pinned, so that kernels may hold their address.</summary>
    public T[] Data { get; } = GC.AllocateArray<T>(count * rows * columns, pinned: true);

    /// <summary>An element.</summary>
    /// <param name="index">Which matrix.</param>
    /// <param name="row">Its row.</param>
    /// <param name="column">Its column.</param>
    public ref T this[int index, int row, int column] => ref Data[((((long)index * rows) + row) * columns) + column];

    internal Span<T> Row(int index, int row) => Data.AsSpan(((index * rows) + row) * columns, columns);
}
