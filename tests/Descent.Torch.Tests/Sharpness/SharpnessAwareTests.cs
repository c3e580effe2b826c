using Descent.Optimizers;
using TorchSharp;
using TorchSharp.Modules;
using Xunit;
using static TorchSharp.torch;

namespace Descent.Torch.Tests.Sharpness;

public sealed class SharpnessAwareTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    /// <summary>The papers' algorithms in double on f(θ) = Σ (θ⁴/4 − aθ) over two tensors, whose gradient is θ³ − a.</summary>
    [Theory]
    [InlineData(false, ScalarType.Float64, false)]
    [InlineData(true, ScalarType.Float64, false)]
    [InlineData(false, ScalarType.Float32, false)]
    [InlineData(true, ScalarType.Float32, false)]
    [InlineData(true, ScalarType.Float64, true)]
    [InlineData(false, ScalarType.Float64, true)]
    public void Step_FollowsThePaper(bool adaptive, ScalarType type, bool strided)
    {
        const double Rho = 0.3, Eta = 0.05, Rate = 0.1;
        double[] theta = [.. Enumerable.Range(0, 20).Select(static i => Math.Sin(i))], a = [.. Enumerable.Range(0, 20).Select(static i => Math.Cos(2 * i))];
        using Parameter first = New(theta[..11], type, strided), second = New(theta[11..], type, strided);
        using Tensor target1 = tensor(a[..11]).to(type), target2 = tensor(a[11..]).to(type);
        using FusedOptimizer optimizer = FusedOptimizer.Create([("first", first), ("second", second)], new MomentumOptions { LearningRate = Rate, Momentum = 0.9 });
        using var sharpness = new SharpnessAware(optimizer, Rho, adaptive, Eta);
        double[] b = new double[20];
        for (int step = 0; step < 5; step++)
        {
            int calls = 0;
            sharpness.Step(() =>
            {
                calls++;
                optimizer.zero_grad();
                Tensor loss = Quartic(first, target1) + Quartic(second, target2);
                loss.backward();
                return loss;
            });
            Assert.Equal(2, calls);

            double[] g = [.. theta.Zip(a, static (x, y) => (x * x * x) - y)];
            double[] t = [.. theta.Select(x => adaptive ? Math.Abs(x) + Eta : 1)];
            double norm = Math.Sqrt(g.Zip(t, static (x, y) => x * y * x * y).Sum());
            for (int i = 0; i < 20; i++)
            {
                double up = theta[i] + (Rho * t[i] * t[i] * g[i] / norm);
                b[i] = (0.9 * b[i]) + (up * up * up) - a[i];
                theta[i] -= Rate * b[i];
            }
        }

        double[] found = [.. Numbers(first), .. Numbers(second)];
        Assert.All(theta.Zip(found), pair => Assert.Equal(pair.First, pair.Second, type == ScalarType.Float64 ? 1e-12 : 1e-5));
    }

    [Fact]
    public void Return_PutsBackEveryBit()
    {
        using var parameter = new Parameter(randn(1000) * tensor(1e-3f)) { grad = randn(1000) * tensor(1e6f) };
        using var still = new Parameter(randn(3));
        byte[] before = parameter.detach().bytes.ToArray(), without = still.detach().bytes.ToArray();
        using FusedOptimizer optimizer = FusedOptimizer.Create([("p", parameter), ("without", still)], new SgdOptions());
        using var sharpness = new SharpnessAware(optimizer, rho: 10);
        sharpness.Climb();
        Assert.NotEqual(before, parameter.detach().bytes.ToArray());
        Assert.Throws<InvalidOperationException>(() => sharpness.Climb());
        sharpness.Return();
        Assert.Equal(before, parameter.detach().bytes.ToArray());
        Assert.Equal(without, still.detach().bytes.ToArray());
    }

    [Fact]
    public void Climb_WithANonFiniteGradient_NamesItAndStays()
    {
        using var parameter = new Parameter(randn(3)) { grad = tensor(new[] { 1, float.NaN, 2 }) };
        byte[] before = parameter.detach().bytes.ToArray();
        using FusedOptimizer optimizer = FusedOptimizer.Create([("p", parameter)], new SgdOptions());
        using var sharpness = new SharpnessAware(optimizer);
        Assert.Equal("p", sharpness.Climb().NonFinite);
        Assert.Equal(before, parameter.detach().bytes.ToArray());
        Assert.Throws<ArgumentOutOfRangeException>(() => new SharpnessAware(optimizer, rho: -1));
    }

    private static Parameter New(double[] values, ScalarType type, bool strided)
    {
        Tensor plain = tensor(values).to(type);
        return new Parameter(strided ? stack([plain, plain], -1).select(-1, 0) : plain);
    }

    // Without operators on numbers: nothing keeps the Scalars alive that they make.
    private static Tensor Quartic(Tensor x, Tensor a)
    {
        Tensor square = x * x;
        return ((square * square * tensor(0.25).to(x.dtype)) - (x * a)).sum();
    }

    private static double[] Numbers(Tensor values) => values.detach().to(ScalarType.Float64).contiguous().data<double>().ToArray();
}
