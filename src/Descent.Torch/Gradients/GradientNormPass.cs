using Descent.Optimizers;
using static TorchSharp.torch;

namespace Descent.Torch;

/// <summary>Takes the norm of all gradients, and of each: flat ones in one read pass, others through libtorch.</summary>
internal sealed class GradientNormPass
{
    private readonly Side _singles = new();
    private readonly Side _doubles = new();

    /// <param name="slots">The gradients.</param>
    /// <param name="threads">The threads to use.</param>
    /// <param name="each">Receives Σg² of every parameter that has a gradient; null where they aren't wanted.</param>
    public GradientReport Compute(GradientSlots slots, IParallelRunner threads, Action<ParameterState, double>? each = null)
    {
        var (singles, singleName) = _singles.Compute(slots.Singles, threads, each);
        var (doubles, doubleName) = _doubles.Compute(slots.Doubles, threads, each);
        double others = 0;
        string? otherName = null;
        foreach (ParameterState parameter in slots.Others)
        {
            double squares = SumThroughOperators(parameter);
            others += squares;
            each?.Invoke(parameter, squares);
            otherName ??= double.IsFinite(squares) ? null : parameter.Name;
        }

        return new GradientReport(Math.Sqrt(singles + doubles + others), singleName ?? doubleName ?? otherName);
    }

    private static double SumThroughOperators(ParameterState parameter)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        Tensor gradient = parameter.Parameter.grad!;
        if (gradient.is_sparse)
        {
            gradient = gradient.to_dense();
        }

        double norm = gradient.to(gradient.dtype == ScalarType.Float64 ? ScalarType.Float64 : ScalarType.Float32).norm().to(ScalarType.Float64).item<double>();
        return norm * norm;
    }

    private sealed class Side
    {
        private readonly GlobalNorm _norm = new();
        private double[] _sums = [];

        public (double SumOfSquares, string? NonFinite) Compute(SlotList list, IParallelRunner threads, Action<ParameterState, double>? each)
        {
            ReadOnlySpan<TensorSlot> slots = list.Slots;
            if (_sums.Length < slots.Length)
            {
                _sums = new double[slots.Length];
            }

            GradientNorm norm = _norm.Compute(slots, list.Type, threads, each is null ? [] : _sums.AsSpan(0, slots.Length));
            for (int i = 0; each is not null && i < slots.Length; i++)
            {
                each(list.Owners[i], _sums[i]);
            }

            return (norm.SumOfSquares, norm.IsFinite ? null : list.Owners[norm.FirstNonFinite].Name);
        }
    }
}
