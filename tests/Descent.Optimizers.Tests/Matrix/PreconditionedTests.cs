using static Descent.Optimizers.Tests.Matrix.MatrixOracle;

namespace Descent.Optimizers.Tests.Matrix;

/// <summary>SOAP and Shampoo, written down plainly in double from their papers; only the decompositions are shared.</summary>
public sealed class PreconditionedTests
{
    private const double Tolerance = 1e-9; // roots and quotients of small eigenvalues multiply rounding

    // Square, so that the first gradient's covariances have full rank and their eigenvectors are determined but for their signs.
    [Fact]
    public void Soap_IsAdamInTheRotatedBasis()
    {
        const int n = 4, every = 2;
        const double b1 = 0.8, b2 = 0.9, beta = 0.7, rate = 0.1, decay = 0.3, epsilon = 1e-3;
        var optimizer = new MatrixOptimizer<double>(
            new SoapOptions { Beta1 = b1, Beta2 = b2, PreconditionerBeta = beta, LearningRate = rate, WeightDecay = decay, Epsilon = epsilon, PreconditionEvery = every }, n, n);
        double[,] p = Numbers(1, n, n), m = new double[n, n], v = new double[n, n], l = new double[n, n], r = new double[n, n], ql = l, qr = r;
        double[] actual = Flat(p);
        for (int step = 1; step <= 7; step++)
        {
            double[,] g = Numbers(20 + step, n, n);
            if (step > 1)
            {
                int t = step - 1;
                m = Sum(b1, m, 1 - b1, g);
                double[,] rotatedMean = Times(Times(Transposed(ql), m), qr), rotated = Times(Times(Transposed(ql), g), qr), before = v;
                v = Map(n, n, (i, j) => (b2 * before[i, j]) + ((1 - b2) * rotated[i, j] * rotated[i, j]));
                double[,] update = Map(n, n, (i, j) =>
                    rotatedMean[i, j] / (1 - Math.Pow(b1, t)) / (Math.Sqrt(v[i, j] / (1 - Math.Pow(b2, t))) + epsilon));
                p = Sum(1 - (rate * decay), p, -rate, Times(Times(ql, update), Transposed(qr)));
            }

            l = Sum(beta, l, 1 - beta, Times(g, Transposed(g)));
            r = Sum(beta, r, 1 - beta, Times(Transposed(g), g));
            if (step == 1)
            {
                (ql, qr) = (Eigenvectors(l), Eigenvectors(r));
            }
            else if ((step - 1) % every == 0)
            {
                (ql, int[] rows) = Refreshed(l, ql);
                (qr, int[] columns) = Refreshed(r, qr);
                double[,] before = v;
                v = Map(n, n, (i, j) => before[rows[i], columns[j]]);
            }

            optimizer.Step(actual, Flat(g));
            Assert.True(Distance(p, actual) < Tolerance, $"step {step}: {Distance(p, actual):E2} apart");
        }
    }

    [Fact]
    public void Soap_FirstStep_OnlyLooks()
    {
        double[] p = Flat(Numbers(1, 3, 5));
        double[] before = [.. p];
        new MatrixOptimizer<double>(new SoapOptions { WeightDecay = 0.5 }, 3, 5).Step(p, Flat(Numbers(2, 3, 5)));
        Assert.Equal(before, p);
    }

    /// <summary>Without a rotated side there is Adam, one step late.</summary>
    [Fact]
    public void Soap_WithoutPreconditioners_IsAdam()
    {
        var options = new SoapOptions { MaxPreconditionerSize = 2, WeightDecay = 0, Beta2 = 0.99 };
        var soap = new MatrixOptimizer<double>(options, 3, 5);
        var adam = new SpanOptimizer<double>(new AdamOptions { Beta1 = options.Beta1, Beta2 = options.Beta2, LearningRate = options.LearningRate }, 15);
        double[] a = Flat(Numbers(1, 3, 5)), b = [.. a];
        soap.Step(a, Flat(Numbers(9, 3, 5)));
        for (int step = 0; step < 4; step++)
        {
            soap.Step(a, Flat(Numbers(30 + step, 3, 5)));
            adam.Step(b, Flat(Numbers(30 + step, 3, 5)));
        }

        Assert.All(a.Zip(b), static pair => Assert.Equal(pair.Second, pair.First, 1e-14));
        Assert.DoesNotContain("Q_L", Assert.Throws<ArgumentException>(() => soap.State("L")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ShampooGrafting.Adam)]
    [InlineData(ShampooGrafting.RmsProp)]
    [InlineData(ShampooGrafting.Sgd)]
    [InlineData(ShampooGrafting.None)]
    public void Shampoo_HasItsDirectionAndTheLengthOfTheGraftedRule(ShampooGrafting grafting)
    {
        const int rows = 5, columns = 4, block = 3, start = 3, every = 2;
        const double b1 = 0.8, b2 = 0.9, rate = 0.1, epsilon = 1e-4, small = 1e-3;
        var optimizer = new MatrixOptimizer<double>(
            new ShampooOptions
            {
                Beta1 = b1,
                Beta2 = b2,
                LearningRate = rate,
                WeightDecay = 0.2,
                Epsilon = epsilon,
                Grafting = grafting,
                GraftingEpsilon = small,
                BlockSize = block,
                StartStep = start,
                PreconditionEvery = every,
            },
            rows,
            columns);
        double[,] p = Numbers(1, rows, columns), m = new double[rows, columns], v = m;
        var factors = new Dictionary<(int, int), (double[,] L, double[,] R, double[,] Left, double[,] Right)>();
        double[] actual = Flat(p);
        for (int step = 1; step <= 6; step++)
        {
            double[,] g = Numbers(40 + step, rows, columns), squares = v;
            m = Sum(b1, m, 1 - b1, g);
            v = Map(rows, columns, (i, j) => (b2 * squares[i, j]) + ((1 - b2) * g[i, j] * g[i, j]));
            double c1 = 1 - Math.Pow(b1, step), c2 = 1 - Math.Pow(b2, step);
            double[,] grafted = Map(rows, columns, (i, j) => m[i, j] / c1 / grafting switch
            {
                ShampooGrafting.Adam => Math.Sqrt(v[i, j] / c2) + small,
                ShampooGrafting.RmsProp => Math.Sqrt(v[i, j]) + small,
                _ => 1,
            });
            double[,] direction = grafted;
            for (int row = 0; row < rows; row += block)
            {
                for (int column = 0; column < columns; column += block)
                {
                    (int tall, int wide, int i0, int j0) = (Math.Min(block, rows - row), Math.Min(block, columns - column), row, column);
                    double[,] part = Map(tall, wide, (i, j) => g[i0 + i, j0 + j]);
                    var known = factors.GetValueOrDefault((row, column), (new double[tall, tall], new double[wide, wide], new double[1, 1], new double[1, 1]));
                    double[,] l = Sum(b2, known.Item1, 1 - b2, Times(part, Transposed(part))), r = Sum(b2, known.Item2, 1 - b2, Times(Transposed(part), part));
                    (double[,] left, double[,] right) = (known.Item3, known.Item4);
                    if (step == start || (step > start && step % every == 0))
                    {
                        (left, right) = (InverseFourthRoot(Sum(1 / c2, l, epsilon, Identity(tall))), InverseFourthRoot(Sum(1 / c2, r, epsilon, Identity(wide))));
                    }

                    factors[(row, column)] = (l, r, left, right);
                    if (step >= start)
                    {
                        double[,] own = Times(Times(left, Map(tall, wide, (i, j) => m[i0 + i, j0 + j] / c1)), right);
                        double length = grafting == ShampooGrafting.None ? 1 : Norm(Map(tall, wide, (i, j) => grafted[i0 + i, j0 + j])) / Norm(own);
                        double[,] others = direction;
                        direction = Map(rows, columns, (i, j) =>
                            i >= i0 && i < i0 + tall && j >= j0 && j < j0 + wide ? length * own[i - i0, j - j0] : others[i, j]);
                    }
                }
            }

            p = Sum(1 - (rate * 0.2), p, -rate, direction);
            optimizer.Step(actual, Flat(g));
            Assert.True(Distance(p, actual) < Tolerance, $"step {step}: {Distance(p, actual):E2} apart");
        }
    }

    private static double[,] Eigenvectors(double[,] symmetric)
    {
        double[,] vectors = DenseDecompositionsOf(symmetric).Vectors;
        int n = vectors.GetLength(0);
        return Map(n, n, (i, j) => vectors[i, n - 1 - j]);
    }

    private static (double[,] Basis, int[] Order) Refreshed(double[,] factor, double[,] basis)
    {
        double[,] power = Times(factor, basis);
        int n = basis.GetLength(0);
        double[] estimates = [.. Enumerable.Range(0, n).Select(j => Enumerable.Range(0, n).Sum(i => basis[i, j] * power[i, j]))];
        int[] order = [.. Enumerable.Range(0, n).OrderByDescending(j => estimates[j])];
        return (GramSchmidt(Map(n, n, (i, j) => power[i, order[j]])), order);
    }

    /// <summary>Another way to Q than the provider's: its columns may point the other way, which no rule may depend on.</summary>
    private static double[,] GramSchmidt(double[,] a)
    {
        int n = a.GetLength(0);
        double[,] q = new double[n, n];
        for (int j = 0; j < n; j++)
        {
            double[] column = [.. Enumerable.Range(0, n).Select(i => a[i, j])];
            for (int pass = 0; pass < 2; pass++) // twice is enough
            {
                for (int k = 0; k < j; k++)
                {
                    double dot = Enumerable.Range(0, n).Sum(i => q[i, k] * column[i]);
                    column = [.. column.Select((value, i) => value - (dot * q[i, k]))];
                }
            }

            double norm = Math.Sqrt(column.Sum(static value => value * value));
            for (int i = 0; i < n; i++)
            {
                q[i, j] = column[i] / norm;
            }
        }

        return q;
    }

    private static double[,] InverseFourthRoot(double[,] a)
    {
        (double[] values, double[,] vectors) = DenseDecompositionsOf(a);
        int n = values.Length;
        return Times(Map(n, n, (i, j) => vectors[i, j] * Math.Pow(values[j], -0.25)), Transposed(vectors));
    }

    private static (double[] Values, double[,] Vectors) DenseDecompositionsOf(double[,] symmetric)
    {
        int n = symmetric.GetLength(0);
        var matrix = new DenseMatrix<double>(1, n, n);
        Flat(symmetric).CopyTo(matrix.Data, 0);
        (double[] values, DenseMatrix<double> vectors) = new DenseProvider<double>().Eigen(matrix);
        return (values, Map(n, n, (i, j) => vectors[0, i, j]));
    }
}
