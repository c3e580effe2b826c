using static Descent.Optimizers.Tests.Matrix.MatrixOracle;

namespace Descent.Optimizers.Tests.Matrix;

/// <summary>GaLore and APOLLO, written down plainly in double from their papers.</summary>
public sealed class LowRankTests
{
    [Theory]
    [InlineData(6, 4)]
    [InlineData(3, 5)]
    public void GaLore_IsAdamInTheLeadingSubspace(int rows, int columns)
    {
        const int rank = 2, gap = 3;
        const double b1 = 0.8, b2 = 0.9, rate = 0.1, scale = 0.5, epsilon = 1e-3;
        var optimizer = new MatrixOptimizer<double>(
            new GaLoreOptions { Rank = rank, ProjectionGap = gap, Scale = scale, Beta1 = b1, Beta2 = b2, LearningRate = rate, WeightDecay = 0.2, Epsilon = epsilon }, rows, columns);
        bool right = rows >= columns;
        double[,] p = Numbers(1, rows, columns), projection = new double[Math.Min(rows, columns), rank];
        double[,] m = right ? new double[rows, rank] : new double[rank, columns], v = m;
        double[] actual = Flat(p);
        for (int step = 1; step <= 7; step++)
        {
            double[,] g = Numbers(60 + step, rows, columns);
            if ((step - 1) % gap == 0)
            {
                projection = Leading(right ? Times(Transposed(g), g) : Times(g, Transposed(g)), projection);
            }

            double[,] low = right ? Times(g, projection) : Times(Transposed(projection), g), squares = v;
            m = Sum(b1, m, 1 - b1, low);
            v = Map(low.GetLength(0), low.GetLength(1), (i, j) => (b2 * squares[i, j]) + ((1 - b2) * low[i, j] * low[i, j]));
            int t = step;
            double[,] update = Map(low.GetLength(0), low.GetLength(1), (i, j) =>
                m[i, j] / (1 - Math.Pow(b1, t)) / (Math.Sqrt(v[i, j] / (1 - Math.Pow(b2, t))) + epsilon));
            p = Sum(1 - (rate * 0.2), p, -rate * scale, right ? Times(update, Transposed(projection)) : Times(projection, update));
            optimizer.Step(actual, Flat(g));
            Assert.True(Distance(p, actual) < 1e-11, $"step {step}: {Distance(p, actual):E2} apart");
        }
    }

    /// <summary>Full rank and scale 1 on a 1 × n matrix: the subspace is all there is, and GaLore is Adam.</summary>
    [Fact]
    public void GaLore_OfOneRow_IsAdam()
    {
        var galore = new MatrixOptimizer<double>(new GaLoreOptions { Scale = 1, Epsilon = 1e-8, LearningRate = 0.1 }, 1, 5);
        var adam = new SpanOptimizer<double>(new AdamOptions { LearningRate = 0.1 }, 5);
        double[] a = Flat(Numbers(1, 1, 5)), b = [.. a];
        for (int step = 0; step < 5; step++)
        {
            galore.Step(a, Flat(Numbers(70 + step, 1, 5)));
            adam.Step(b, Flat(Numbers(70 + step, 1, 5)));
        }

        Assert.All(a.Zip(b), static pair => Assert.Equal(pair.Second, pair.First, 1e-14));
    }

    [Theory]
    [InlineData(6, 4, ApolloScaling.Channel)]
    [InlineData(3, 5, ApolloScaling.Channel)]
    [InlineData(6, 4, ApolloScaling.Tensor)]
    public void Apollo_ScalesTheGradientAsAdamDoesInARandomSubspace(int rows, int columns, ApolloScaling scaling)
    {
        const int rank = 2, gap = 3, seed = 5;
        const double b1 = 0.8, b2 = 0.9, rate = 0.1, scale = 4, epsilon = 1e-3, growth = 1.05;
        var options = new ApolloOptions
        {
            Rank = rank,
            ProjectionGap = gap,
            Scale = scale,
            Beta1 = b1,
            Beta2 = b2,
            LearningRate = rate,
            WeightDecay = 0.2,
            Epsilon = epsilon,
            Scaling = scaling,
            NormGrowth = growth,
            ProjectionSeed = seed,
        };
        var optimizer = new MatrixOptimizer<double>(options, rows, columns, "w");
        bool right = rows >= columns;
        int side = Math.Min(rows, columns);
        double[,] p = Numbers(1, rows, columns), m = right ? new double[rows, rank] : new double[rank, columns], v = m;
        double[] actual = Flat(p);
        double last = 0;
        for (int step = 1; step <= 7; step++)
        {
            double[,] g = Numbers(80 + step, rows, columns), squares = v, projection = Random(seed, (step - 1) / gap, side, rank);
            double[,] low = right ? Times(g, projection) : Times(Transposed(projection), g);
            m = Sum(b1, m, 1 - b1, low);
            v = Map(low.GetLength(0), low.GetLength(1), (i, j) => (b2 * squares[i, j]) + ((1 - b2) * low[i, j] * low[i, j]));
            double[,] update = Map(low.GetLength(0), low.GetLength(1), (i, j) => m[i, j] / (Math.Sqrt(v[i, j]) + epsilon));
            double[,] scaled = Map(rows, columns, (i, j) => g[i, j] * (scaling == ApolloScaling.Tensor
                ? Norm(update) / (Norm(low) + 1e-8)
                : Norm(Channel(update, right ? i : j, right)) / (Norm(Channel(low, right ? i : j, right)) + 1e-8)));
            double limiter = last == 0 ? 1 : Math.Max(Norm(scaled) / (last + 1e-8), growth) / growth;
            scaled = Sum(1 / limiter, scaled, 0, scaled);
            last = Norm(scaled);
            double correction = Math.Sqrt(1 - Math.Pow(b2, step)) / (1 - Math.Pow(b1, step));
            p = Sum(1 - (rate * 0.2), p, -rate * correction * Math.Sqrt(scale), scaled);
            optimizer.Step(actual, Flat(g));
            Assert.True(Distance(p, actual) < 1e-12, $"step {step}: {Distance(p, actual):E2} apart");
        }

        Assert.Equal(last, optimizer.State("scaled_grad")[0], 1e-12);
    }

    /// <summary>The subspace depends on seed, name and redraw, and has the variance that keeps norms: 1/rank.</summary>
    [Fact]
    public void Apollo_SubspacesAreIndependentAndKeepNorms()
    {
        const int side = 400, rank = 16;
        double[,] a = Random(1, 0, side, rank), other = Random(1, 1, side, rank);
        Assert.NotEqual(Flat(a), Flat(other));
        Assert.NotEqual(Flat(a), Flat(Random(2, 0, side, rank)));

        // E‖a‖² = side; its relative deviation is √(2/6400) = 1.8 %, the correlation's 1/80.
        Assert.Equal(side, Norm(a) * Norm(a), 0.08 * side);
        Assert.InRange(Flat(a).Zip(Flat(other), static (x, y) => x * y).Sum() / (Norm(a) * Norm(other)), -0.06, 0.06);
    }

    private static double[,] Random(long seed, long redraw, int rows, int columns)
    {
        DenseMatrix<double> drawn = new DenseProvider<double>().Gaussian(
            [NoiseStream.KeyOf(seed, redraw, "w")], rows, columns, 1 / Math.Sqrt(columns), new DenseMatrix<double>(1, 1, 1));
        return Map(rows, columns, (i, j) => drawn[0, i, j]);
    }

    private static double[,] Channel(double[,] a, int number, bool row) =>
        row ? Map(1, a.GetLength(1), (_, j) => a[number, j]) : Map(a.GetLength(0), 1, (i, _) => a[i, number]);

    private static double[,] Leading(double[,] gram, double[,] before)
    {
        int n = gram.GetLength(0), rank = before.GetLength(1);
        var matrix = new DenseMatrix<double>(1, n, n);
        Flat(gram).CopyTo(matrix.Data, 0);
        (_, DenseMatrix<double> vectors) = new DenseProvider<double>().Eigen(matrix);
        double[,] leading = Map(n, rank, (i, j) => vectors[0, i, n - 1 - j]);
        return Map(n, rank, (i, j) => leading[i, j] * (Enumerable.Range(0, n).Sum(k => leading[k, j] * before[k, j]) < 0 ? -1 : 1));
    }
}
