using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Descent.Torch.Tests.Optimizers;

/// <summary>A few parameters with gradients given by a formula, the same for every optimizer under comparison.</summary>
internal sealed class Model : IDisposable
{
    private static readonly long[][] Usual = [[7, 5], [13], [1], [64, 3], [0, 4]];

    public Model(ScalarType dtype = ScalarType.Float32, Func<Tensor, Tensor>? layout = null, Func<Tensor, Tensor>? gradientLayout = null, long[][]? shapes = null)
    {
        using var scope = NewDisposeScope();
        GradientLayout = gradientLayout ?? (gradient => gradient);
        Named = [.. (shapes ?? Usual).Select((shape, index) =>
        {
            Tensor start = Wave(shape, index, 1).to(dtype);
            return ($"layer{index}.weight", new Parameter((layout ?? (x => x))(start).DetachFromDisposeScope()));
        })];
        foreach (var (_, parameter) in Named)
        {
            parameter.DetachFromDisposeScope();
        }
    }

    public (string Name, Parameter Parameter)[] Named { get; }

    public Tensor[] Tensors => [.. Named.Select(pair => (Tensor)pair.Parameter)];

    private Func<Tensor, Tensor> GradientLayout { get; }

    /// <summary>g of step t for tensor k: a slow wave, larger in some elements than in others.</summary>
    public void SetGradients(int step, Func<int, bool>? which = null)
    {
        using var scope = NewDisposeScope();
        for (int index = 0; index < Named.Length; index++)
        {
            Parameter parameter = Named[index].Parameter;
            parameter.grad = which?.Invoke(index) ?? true
                ? GradientLayout(Wave(parameter.shape, index, 0.37 * step).to(parameter.dtype))
                : null;
        }
    }

    public Tensor[] Gradients() => [.. Named.Select(pair => pair.Parameter.grad!)];

    public double[][] Values() => [.. Named.Select(pair =>
    {
        using var scope = NewDisposeScope();
        return pair.Parameter.numel() == 0 ? [] : pair.Parameter.detach().to(ScalarType.Float64).contiguous().data<double>().ToArray();
    })];

    public void Dispose()
    {
        foreach (var (_, parameter) in Named)
        {
            parameter.Dispose();
        }
    }

    /// <summary>‖a − b‖/‖b‖ over all tensors.</summary>
    public static double Distance(double[][] a, double[][] b)
    {
        var pairs = a.SelectMany(x => x).Zip(b.SelectMany(x => x)).ToArray();
        return Math.Sqrt(pairs.Sum(p => (p.First - p.Second) * (p.First - p.Second)) / pairs.Sum(p => p.Second * p.Second));
    }

    // Filled in C#: operators with numbers make Scalars that nothing keeps alive under garbage collection.
    private static Tensor Wave(long[] shape, int index, double phase)
    {
        var values = new double[shape.Aggregate(1L, (x, y) => x * y)];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = (Math.Sin((0.7 * i) + ((index + 1) * phase)) + (0.1 * Math.Cos(phase + index))) * (0.5 + index);
        }

        return tensor(values, shape);
    }
}
