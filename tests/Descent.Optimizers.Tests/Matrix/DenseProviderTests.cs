using static Descent.Optimizers.Tests.Matrix.MatrixOracle;

namespace Descent.Optimizers.Tests.Matrix;

/// <summary>Decompositions by what defines them.</summary>
public sealed class DenseProviderTests
{
    private static readonly DenseProvider<double> Provider = new();

    [Theory]
    [InlineData(7, 7)]
    [InlineData(9, 4)]
    [InlineData(1, 1)]
    public void Orthonormal_HasOrthonormalColumnsThatSpanTheMatrix(int rows, int columns)
    {
        DenseMatrix<double> a = Batch(rows, columns);
        DenseMatrix<double> q = Provider.Orthonormal(a);
        DenseMatrix<double> transposed = Provider.Transpose(q);
        RequireNear(Provider.Multiply(transposed, q), Both(Identity(columns)));
        RequireNear(Provider.Multiply(q, Provider.Multiply(transposed, a)), a);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    public void Eigen_PutsTheMatrixTogetherAgain(int n)
    {
        DenseMatrix<double> a = Batch(n, n);
        DenseMatrix<double> symmetric = Provider.MultiplyAdd(0, a, 1, a, Provider.Transpose(a));
        (double[] values, DenseMatrix<double> vectors) = Provider.Eigen(symmetric);
        Assert.Equal(values[..n].Order(), values[..n]);
        DenseMatrix<double> scaled = Provider.Block(vectors, 0, n, 0, n);
        Provider.Scale(scaled, values, MatrixAxis.Columns);
        RequireNear(Provider.Multiply(scaled, Provider.Transpose(vectors)), symmetric);
        RequireNear(Provider.Multiply(vectors, Provider.Transpose(vectors)), Both(Identity(n)));
    }

    [Fact]
    public void Eigen_OfANaN_IsNaNForThatMatrixAlone()
    {
        DenseMatrix<double> symmetric = Both(Identity(3));
        symmetric[0, 1, 2] = double.NaN;
        (double[] values, _) = Provider.Eigen(symmetric);
        Assert.All(values[..3], static value => Assert.Equal(double.NaN, value));
        Assert.Equal([1, 1, 1], values[3..]);
    }

    [Fact]
    public void Dots_Select_Block_AreTheirDefinitions()
    {
        DenseMatrix<double> a = Batch(3, 4), b = Batch(3, 4, seed: 20);
        Assert.Equal(a[1, 2, 0] * b[1, 2, 0] + a[1, 2, 1] * b[1, 2, 1] + a[1, 2, 2] * b[1, 2, 2] + a[1, 2, 3] * b[1, 2, 3], Provider.Dots(a, b, MatrixAxis.Rows)[5], 1e-15);
        Assert.Equal(a[0, 0, 3] * b[0, 0, 3] + a[0, 1, 3] * b[0, 1, 3] + a[0, 2, 3] * b[0, 2, 3], Provider.Dots(a, b, MatrixAxis.Columns)[3], 1e-15);
        DenseMatrix<double> chosen = Provider.Select(a, [3, 0, 1, 1], MatrixAxis.Columns);
        Assert.Equal((a[0, 2, 3], a[1, 0, 1]), (chosen[0, 2, 0], chosen[1, 0, 1]));
        Provider.SetBlock(a, 1, 2, Provider.Block(b, 0, 2, 0, 2));
        Assert.Equal((b[1, 1, 0], b[0, 0, 1]), (a[1, 2, 2], a[0, 1, 3]));
    }

    private static DenseMatrix<double> Batch(int rows, int columns, int seed = 7)
    {
        var batch = new DenseMatrix<double>(2, rows, columns);
        Flat(Numbers(seed, rows, columns)).CopyTo(batch.Data, 0);
        Flat(Numbers(seed + 1, rows, columns)).CopyTo(batch.Data, rows * columns);
        return batch;
    }

    private static DenseMatrix<double> Both(double[,] a)
    {
        var batch = new DenseMatrix<double>(2, a.GetLength(0), a.GetLength(1));
        Flat(a).CopyTo(batch.Data, 0);
        Flat(a).CopyTo(batch.Data, a.Length);
        return batch;
    }

    private static void RequireNear(DenseMatrix<double> actual, DenseMatrix<double> expected) =>
        Assert.All(actual.Data.Zip(expected.Data), static pair => Assert.Equal(pair.Second, pair.First, 1e-13));
}
