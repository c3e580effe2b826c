namespace Descent.Optimizers;

/// <summary>
/// What rules for matrices need beyond element-wise work: products, decompositions and reductions over a batch of equally shaped matrices. Rules are written
/// against it and never know whether plain loops, a CPU library or a GPU does the work.
/// </summary>
/// <remarks>
/// A <typeparamref name="TMatrix"/> is a batch: count × rows × columns. Every operation works on each matrix of the batch by itself, so that a
/// NaN stays in its matrix. Results are new unless the text says in place; <see cref="Release"/> gives their memory back early.
/// </remarks>
/// <typeparam name="TMatrix">The provider's batch of matrices.</typeparam>
public interface IMatrixProvider<TMatrix> where TMatrix : class
{
    /// <summary>How many matrices, and the rows and columns of each.</summary>
    /// <param name="a">The batch.</param>
    (long Count, long Rows, long Columns) ShapeOf(TMatrix a);

    /// <summary>Aᵀ; may share the memory of <paramref name="a"/>.</summary>
    /// <param name="a">A.</param>
    TMatrix Transpose(TMatrix a);

    /// <summary>A·B.</summary>
    /// <param name="a">A.</param>
    /// <param name="b">B.</param>
    TMatrix Multiply(TMatrix a, TMatrix b);

    /// <summary>βC + αAB, in one pass where the provider can.</summary>
    /// <param name="beta">β.</param>
    /// <param name="c">C, left as it is.</param>
    /// <param name="alpha">α.</param>
    /// <param name="a">A.</param>
    /// <param name="b">B.</param>
    TMatrix MultiplyAdd(double beta, TMatrix c, double alpha, TMatrix a, TMatrix b);

    /// <summary>The orthonormal factor of A = QR, as many columns as A has; A is at least as tall as wide.</summary>
    /// <param name="a">A.</param>
    TMatrix Orthonormal(TMatrix a);

    /// <summary>
    /// Eigenvalues, ascending, one matrix after the other, and eigenvectors as columns. A matrix with a non-finite element gets NaN and the identity.
    /// </summary>
    /// <param name="symmetric">Symmetric matrices.</param>
    (double[] Values, TMatrix Vectors) Eigen(TMatrix symmetric);

    /// <summary>The rows or columns in another order, or some of them.</summary>
    /// <param name="a">A.</param>
    /// <param name="order">Indices, equally many for each matrix, one matrix after the other.</param>
    /// <param name="axis">Rows or columns.</param>
    TMatrix Select(TMatrix a, ReadOnlySpan<long> order, MatrixAxis axis);

    /// <summary>A copy of a rectangle of every matrix.</summary>
    /// <param name="a">A.</param>
    /// <param name="row">Its first row.</param>
    /// <param name="rows">How many rows.</param>
    /// <param name="column">Its first column.</param>
    /// <param name="columns">How many columns.</param>
    TMatrix Block(TMatrix a, long row, long rows, long column, long columns);

    /// <summary>Writes a rectangle of every matrix, in place.</summary>
    /// <param name="a">A.</param>
    /// <param name="row">Its first row.</param>
    /// <param name="column">Its first column.</param>
    /// <param name="value">What it becomes.</param>
    void SetBlock(TMatrix a, long row, long column, TMatrix value);

    /// <summary>Σ aᵢⱼbᵢⱼ over the axis, for one matrix after the other.</summary>
    /// <param name="a">A.</param>
    /// <param name="b">B, which may be A itself.</param>
    /// <param name="axis">What a sum runs over.</param>
    double[] Dots(TMatrix a, TMatrix b, MatrixAxis axis);

    /// <summary>Multiplies matrices, rows or columns by a factor each, in place.</summary>
    /// <param name="a">A.</param>
    /// <param name="factors">One for each matrix, row or column, one matrix after the other.</param>
    /// <param name="axis">What a factor scales.</param>
    void Scale(TMatrix a, ReadOnlySpan<double> factors, MatrixAxis axis);

    /// <summary>Overwrites a batch with another of its shape.</summary>
    /// <param name="from">What is copied.</param>
    /// <param name="to">What is overwritten.</param>
    void Copy(TMatrix from, TMatrix to);

    /// <summary>All elements, in order: for small states that the host decides on.</summary>
    /// <param name="a">A.</param>
    double[] Read(TMatrix a);

    /// <summary>Sets all elements, in place.</summary>
    /// <param name="a">A.</param>
    /// <param name="values">The elements in order.</param>
    void Write(TMatrix a, ReadOnlySpan<double> values);

    /// <summary>
    /// Independent normal numbers, a pure function of the key and the place, the same on every provider up to rounding to its element type. To be read only: a
    /// provider may give the same memory again.
    /// </summary>
    /// <param name="keys">A key for each matrix.</param>
    /// <param name="rows">Rows of each.</param>
    /// <param name="columns">Columns of each.</param>
    /// <param name="deviation">Their standard deviation.</param>
    /// <param name="like">A batch of the element type and the place that the result shall have.</param>
    TMatrix Gaussian(ReadOnlySpan<ulong> keys, long rows, long columns, double deviation, TMatrix like);

    /// <summary>Runs an element-wise rule over whole batches in one pass.</summary>
    /// <param name="kernel">The rule.</param>
    /// <param name="scalars">The step.</param>
    /// <param name="p">Updated in place.</param>
    /// <param name="g">The gradient: read only.</param>
    /// <param name="states">The rule's states, updated in place.</param>
    void Pass(UpdateKernel kernel, in StepScalars scalars, TMatrix p, TMatrix g, params ReadOnlySpan<TMatrix> states);

    /// <summary>Gives a result's memory back; it must not be used again.</summary>
    /// <param name="a">A result of this provider.</param>
    void Release(TMatrix a);
}
