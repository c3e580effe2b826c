using TorchSharp;
using TorchSharp.Modules;
using Xunit;
using static TorchSharp.torch;

namespace Descent.Torch.Tests.Lbfgs;

public sealed class LbfgsTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly Parameter _x = new(zeros(6, ScalarType.Float64));
    private readonly Tensor _scales = tensor(new double[] { 1, 3, 10, 30, 100, 300 });
    private readonly Tensor _solution = tensor(new double[] { 1, -2, 3, -4, 5, -6 });

    public void Dispose()
    {
        _x.Dispose();
        _scope.Dispose();
    }

    /// <summary>½Σ s(x−x*)², badly scaled: gradient descent would need hundreds of steps.</summary>
    [Fact]
    public void Minimize_SolvesAConvexProblem()
    {
        var lbfgs = new Torch.Lbfgs([("x", _x)]) { Iterations = 60, LearningRate = 1 };
        double start = lbfgs.Minimize(Quadratic);
        Assert.Equal(0.5 * new double[] { 1, 3, 10, 30, 100, 300 }.Select(static (s, i) => s * (i + 1) * (i + 1)).Sum(), start, 1e-9);
        Assert.All(_solution.data<double>().ToArray().Zip(_x.detach().data<double>().ToArray()), static pair => Assert.Equal(pair.First, pair.Second, 1e-5));
    }

    /// <summary>What a call does depends on the parameters alone, so that a run goes on exactly between two calls.</summary>
    [Fact]
    public void Minimize_Again_ForgetsTheHistory()
    {
        var lbfgs = new Torch.Lbfgs([("x", _x)]) { Iterations = 4 };
        lbfgs.Minimize(Quadratic);
        double[] between = _x.detach().data<double>().ToArray();
        lbfgs.Minimize(Quadratic);
        double[] straight = _x.detach().data<double>().ToArray();
        using (no_grad())
        {
            _x.copy_(tensor(between));
        }

        new Torch.Lbfgs([("x", _x)]) { Iterations = 4 }.Minimize(Quadratic);
        Assert.Equal(straight, _x.detach().data<double>().ToArray());
    }

    [Fact]
    public void Minimize_WithAnExceptionInTheFunction_ThrowsItAndPutsTheParametersBack()
    {
        var lbfgs = new Torch.Lbfgs([("x", _x)]);
        int calls = 0;
        var thrown = Assert.Throws<FormatException>(() => lbfgs.Minimize(() => ++calls == 3 ? throw new FormatException("third") : Quadratic()));
        Assert.Equal("third", thrown.Message);
        Assert.Equal(new double[6], _x.detach().data<double>().ToArray());
        Assert.Throws<ArgumentException>(() => new Torch.Lbfgs([]));
    }

    private double Quadratic()
    {
        using DisposeScope scope = NewDisposeScope();
        if (_x.grad is { } gradient)
        {
            gradient.zero_();
        }

        Tensor loss = ((_x - _solution).square() * _scales).sum() * tensor(0.5);
        loss.backward();
        return loss.item<double>();
    }
}
