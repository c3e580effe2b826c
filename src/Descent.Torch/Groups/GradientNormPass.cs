using System.Runtime.InteropServices;
using Descent.Optimizers;
using static TorchSharp.torch;

namespace Descent.Torch;

/// <summary>Collects the gradients of all groups and takes their norm: flat ones in one read pass, others through libtorch.</summary>
internal sealed unsafe class GradientNormPass
{
    private readonly Side _singles = new(ElementType.Float32);
    private readonly Side _doubles = new(ElementType.Float64);
    private double _otherSquares;
    private string? _otherNonFinite;

    public void Begin()
    {
        _singles.Clear();
        _doubles.Clear();
        (_otherSquares, _otherNonFinite) = (0, null);
    }

    public void Add(ParameterState parameter)
    {
        nint gradient = TensorExports.Gradient(parameter.Parameter.Handle);
        if (gradient == 0)
        {
            return;
        }

        bool served = TensorExports.TryRead(gradient, out FlatTensor flat);
        TensorExports.Release(gradient);
        if (served)
        {
            (flat.Type == TensorExports.Float32 ? _singles : _doubles).Add(parameter.Name, flat);
        }
        else
        {
            AddThroughOperators(parameter);
        }
    }

    public GradientReport Compute(IParallelRunner threads)
    {
        var (singles, singleName) = _singles.Compute(threads);
        var (doubles, doubleName) = _doubles.Compute(threads);
        return new GradientReport(Math.Sqrt(singles + doubles + _otherSquares), singleName ?? doubleName ?? _otherNonFinite);
    }

    private void AddThroughOperators(ParameterState parameter)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        Tensor gradient = parameter.Parameter.grad!;
        if (gradient.is_sparse)
        {
            gradient = gradient.to_dense();
        }

        double norm = gradient.to(gradient.dtype == ScalarType.Float64 ? ScalarType.Float64 : ScalarType.Float32).norm().to(ScalarType.Float64).item<double>();
        _otherSquares += norm * norm;
        if (!double.IsFinite(norm))
        {
            _otherNonFinite ??= parameter.Name;
        }
    }

    private sealed class Side(ElementType type)
    {
        private readonly GlobalNorm _norm = new();
        private readonly List<TensorSlot> _slots = [];
        private readonly List<string> _names = [];

        public void Clear()
        {
            _slots.Clear();
            _names.Clear();
        }

        public void Add(string name, FlatTensor gradient)
        {
            _slots.Add(new TensorSlot { Gradient = gradient.Data, Length = gradient.Length });
            _names.Add(name);
        }

        public (double SumOfSquares, string? NonFinite) Compute(IParallelRunner threads)
        {
            GradientNorm norm = _norm.Compute(CollectionsMarshal.AsSpan(_slots), type, threads);
            return (norm.SumOfSquares, norm.IsFinite ? null : _names[norm.FirstNonFinite]);
        }
    }
}
