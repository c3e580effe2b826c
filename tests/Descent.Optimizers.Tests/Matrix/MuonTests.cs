using static Descent.Optimizers.Tests.Matrix.MatrixOracle;

namespace Descent.Optimizers.Tests.Matrix;

public sealed class MuonTests
{
    /// <summary>torch.optim.Muon, written down plainly in double.</summary>
    [Theory]
    [InlineData(6, 4, true, MuonRate.Original)]
    [InlineData(4, 7, true, MuonRate.MatchRmsAdamw)]
    [InlineData(5, 5, false, MuonRate.MatchRmsAdamw)]
    public void Steps_AreThoseOfTheFormula(int rows, int columns, bool nesterov, MuonRate adjustment)
    {
        const double mu = 0.9, rate = 0.05, decay = 0.2;
        var options = new MuonOptions { Momentum = mu, LearningRate = rate, WeightDecay = decay, Nesterov = nesterov, RateAdjustment = adjustment };
        var optimizer = new MatrixOptimizer<double>(options, rows, columns);
        double[,] p = Numbers(1, rows, columns), b = new double[rows, columns];
        double[] actual = Flat(p);
        for (int step = 1; step <= 4; step++)
        {
            double[,] g = Numbers(10 + step, rows, columns);
            b = Sum(mu, b, 1 - mu, g);
            double[,] x = nesterov ? Sum(1 - mu, g, mu, b) : b;
            bool tall = rows > columns;
            x = Sum(1 / Math.Max(Norm(x), 1e-7), x, 0, x);
            x = tall ? Transposed(x) : x;
            for (int k = 0; k < 5; k++)
            {
                double[,] gram = Times(x, Transposed(x));
                double[,] polynomial = Sum(-4.775, gram, 2.0315, Times(gram, gram));
                x = Sum(3.4445, x, 1, Times(polynomial, x));
            }

            x = tall ? Transposed(x) : x;
            double adjusted = adjustment == MuonRate.Original ? Math.Sqrt(Math.Max(1, (double)rows / columns)) : 0.2 * Math.Sqrt(Math.Max(rows, columns));
            p = Sum(1 - (rate * decay), p, -rate * adjusted, x);
            optimizer.Step(actual, Flat(g));
            Assert.True(Distance(p, actual) < 1e-13 * step, $"step {step}: {Distance(p, actual):E2} apart"); // rounding alone
        }

        Assert.True(Distance(b, optimizer.State("momentum_buffer")) < 1e-14);
    }

    /// <summary>Jordan's coefficients don't converge to 1, they land in a band around it: 0.68 to 1.13 where a singular value was above a thousandth of the norm.</summary>
    [Theory]
    [InlineData(8, 8)]
    [InlineData(12, 5)]
    [InlineData(5, 16)]
    public void NewtonSchulz_BringsSingularValuesNearOne(int rows, int columns)
    {
        var provider = new DenseProvider<double>();
        var x = new DenseMatrix<double>(1, rows, columns);
        Flat(Numbers(3, rows, columns)).CopyTo(x.Data, 0);
        DenseMatrix<double> y = NewtonSchulzOf(provider, x);
        DenseMatrix<double> gram = rows > columns ? provider.Multiply(provider.Transpose(y), y) : provider.Multiply(y, provider.Transpose(y));
        (double[] squares, _) = provider.Eigen(gram);
        Assert.All(squares, static square => Assert.InRange(Math.Sqrt(square), 0.65, 1.2));
    }

    [Fact]
    public void Step_IsThatOfTheNearestOrthogonalMatrix_WhenAskedForManyClassicalSteps()
    {
        // (15, −10, 3)/8 is the classical quintic: it converges to singular values of exactly 1.
        var options = new MuonOptions
        {
            LearningRate = 1,
            WeightDecay = 0,
            Momentum = 0,
            RateAdjustment = MuonRate.Original,
            NewtonSchulzSteps = 40,
            CoefficientA = 15.0 / 8,
            CoefficientB = -10.0 / 8,
            CoefficientC = 3.0 / 8,
        };
        var optimizer = new MatrixOptimizer<double>(options, 4, 4);
        double[] p = new double[16];
        optimizer.Step(p, Flat(Numbers(5, 4, 4)));
        double[,] moved = Map(4, 4, (i, j) => p[(4 * i) + j]);
        Assert.True(Distance(Times(moved, Transposed(moved)), Flat(Identity(4))) < 1e-12);
    }

    [Fact]
    public void Kernel_IsRefusedWithTheRemedy()
    {
        NotSupportedException error = Assert.Throws<NotSupportedException>(() => new MuonOptions().CreateKernel());
        Assert.Contains("'muon' updates whole matrices", error.Message, StringComparison.Ordinal);
        ArgumentException nested = Assert.Throws<ArgumentException>(() => new MuonOptions { Fallback = new MuonOptions() });
        Assert.StartsWith("Fallback is 'muon'", nested.Message, StringComparison.Ordinal);
    }

    /// <summary>PyTorch 2.9's; see the property for the one that differs.</summary>
    [Fact]
    public void Defaults_ArePyTorchs()
    {
        var options = new MuonOptions();
        Assert.Equal((1e-3, 0.1, 0.95, true), (options.LearningRate, options.WeightDecay, options.Momentum, options.Nesterov));
        Assert.Equal((3.4445, -4.775, 2.0315), (options.CoefficientA, options.CoefficientB, options.CoefficientC));
        Assert.Equal((5, 1e-7), (options.NewtonSchulzSteps, options.Epsilon));
        Assert.Equal("momentum_buffer", Assert.Single(options.State).Name);
    }

    private static DenseMatrix<double> NewtonSchulzOf(DenseProvider<double> provider, DenseMatrix<double> x) =>
        new MuonOptions { Momentum = 0, RateAdjustment = MuonRate.Original }.CreateRule().Move(
            provider, new MatrixStep<DenseMatrix<double>> { Gradient = x, States = [], Scalars = new StepScalars(), Names = [""] }).Direction!;
}
