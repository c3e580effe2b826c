using Descent.Optimizers;
using TorchSharp;
using static TorchSharp.torch;

namespace Descent.Torch;

/// <summary>Measures what a bound on every element does: flat tensors in one read pass, others through libtorch.</summary>
internal sealed class ValueClipPass
{
    private readonly ValueClipping _singles = new();
    private readonly ValueClipping _doubles = new();

    public ValueClipReport Measure(GradientSlots slots, double limit, IParallelRunner threads)
    {
        ValueClipResult singles = _singles.Measure(slots.Singles.Slots, slots.Singles.Type, limit, threads);
        ValueClipResult doubles = _doubles.Measure(slots.Doubles.Slots, slots.Doubles.Type, limit, threads);
        double before = singles.Before.SumOfSquares + doubles.Before.SumOfSquares;
        double after = singles.SumOfSquares + doubles.SumOfSquares;
        (long elements, long clipped) = (singles.Elements + doubles.Elements, singles.Clipped + doubles.Clipped);
        string? name = singles.Before.IsFinite ? null : slots.Singles.Owners[singles.Before.FirstNonFinite].Name;
        name ??= doubles.Before.IsFinite ? null : slots.Doubles.Owners[doubles.Before.FirstNonFinite].Name;
        foreach (ParameterState parameter in slots.Others)
        {
            using IDisposable noGrad = no_grad();
            using DisposeScope scope = NewDisposeScope();
            using Scalar bound = limit.ToScalar();
            Tensor gradient = parameter.Parameter.grad!;
            Tensor size = (gradient.is_sparse ? gradient.to_dense() : gradient).to(ScalarType.Float64).abs();
            double squares = size.square().sum().item<double>();
            before += squares;
            after += size.clamp_max(bound).square().sum().item<double>();
            elements += size.numel();
            clipped += size.gt(bound).sum().item<long>();
            name ??= double.IsFinite(squares) ? null : parameter.Name;
        }

        return new ValueClipReport(new GradientReport(Math.Sqrt(before), name), Math.Sqrt(after), elements, clipped);
    }
}
