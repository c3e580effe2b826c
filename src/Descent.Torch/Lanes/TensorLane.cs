using Descent.Optimizers;
using TorchSharp;
using static TorchSharp.torch;

namespace Descent.Torch;

/// <summary>
/// A lane as wide as a tensor, so that a rule's one formula runs through libtorch's operators: on any device, in any layout. A constant
/// stays a number until it meets a tensor.
/// </summary>
/// <remarks>
/// Use it under <c>no_grad</c> and inside a dispose scope, which then owns every intermediate. <see cref="FusedMultiplyAdd"/> rounds as
/// libtorch's operators do (twice on most devices), so results agree with the kernels' to rounding, not to the bit.
/// </remarks>
internal readonly struct TensorLane : ILane<TensorLane>
{
    private readonly Tensor? _tensor;
    private readonly double _number;

    public TensorLane(Tensor tensor) => _tensor = tensor;

    private TensorLane(double number) => _number = number;

    public Tensor Tensor => _tensor ?? throw new InvalidOperationException("This lane holds a number, not a tensor.");

    public static TensorLane Broadcast(double value) => new(value);

    public static TensorLane operator +(TensorLane a, TensorLane b) => (a._tensor, b._tensor) switch
    {
        (null, null) => new(a._number + b._number),
        (null, { } y) => WithNumber(y, a._number, static (x, s) => x.add(s)),
        ({ } x, null) => WithNumber(x, b._number, static (x, s) => x.add(s)),
        ({ } x, { } y) => new(x.add(y)),
    };

    public static TensorLane operator -(TensorLane a, TensorLane b) => (a._tensor, b._tensor) switch
    {
        (null, null) => new(a._number - b._number),
        (null, { } y) => WithNumber(y.neg(), a._number, static (x, s) => x.add(s)),
        ({ } x, null) => WithNumber(x, b._number, static (x, s) => x.sub(s)),
        ({ } x, { } y) => new(x.sub(y)),
    };

    public static TensorLane operator *(TensorLane a, TensorLane b) => (a._tensor, b._tensor) switch
    {
        (null, null) => new(a._number * b._number),
        (null, { } y) => WithNumber(y, a._number, static (x, s) => x.mul(s)),
        ({ } x, null) => WithNumber(x, b._number, static (x, s) => x.mul(s)),
        ({ } x, { } y) => new(x.mul(y)),
    };

    public static TensorLane operator /(TensorLane a, TensorLane b) => (a._tensor, b._tensor) switch
    {
        (null, null) => new(a._number / b._number),
        (null, { } y) => WithNumber(y.reciprocal(), a._number, static (x, s) => x.mul(s)),
        ({ } x, null) => WithNumber(x, b._number, static (x, s) => x.div(s)),
        ({ } x, { } y) => new(x.div(y)),
    };

    public static TensorLane FusedMultiplyAdd(TensorLane a, TensorLane b, TensorLane c) => (a * b) + c;

    public static TensorLane Sqrt(TensorLane x) => x._tensor is { } t ? new(t.sqrt()) : new(Math.Sqrt(x._number));

    public static TensorLane Max(TensorLane a, TensorLane b) => Pairwise(a, b, Math.Max, static (x, y) => x.maximum(y));

    public static TensorLane Min(TensorLane a, TensorLane b) => Pairwise(a, b, Math.Min, static (x, y) => x.minimum(y));

    public static TensorLane Abs(TensorLane x) => x._tensor is { } t ? new(t.abs()) : new(Math.Abs(x._number));

    public static TensorLane Sign(TensorLane x) =>
        x._tensor is { } t ? new(t.sign()) : new(double.IsNaN(x._number) ? x._number : Math.Sign(x._number));

    public static TensorLane SelectPositive(TensorLane x, TensorLane a, TensorLane b)
    {
        if (x._tensor is not { } decides)
        {
            return x._number > 0 ? a : b;
        }

        using Scalar zero = 0.0.ToScalar();
        return new(where(decides.gt(zero), a.Like(decides), b.Like(decides)));
    }

    private Tensor Like(Tensor tensor) => _tensor ?? full_like(tensor, _number);

    private static TensorLane Pairwise(TensorLane a, TensorLane b, Func<double, double, double> ofNumbers, Func<Tensor, Tensor, Tensor> ofTensors) =>
        (a._tensor, b._tensor) switch
        {
            (null, null) => new(ofNumbers(a._number, b._number)),
            (null, { } y) => new(ofTensors(full_like(y, a._number), y)),
            ({ } x, null) => new(ofTensors(x, full_like(x, b._number))),
            ({ } x, { } y) => new(ofTensors(x, y)),
        };

    // No dispose scope covers a Scalar, and operators don't keep it alive while they run: hold it here.
    private static TensorLane WithNumber(Tensor x, double number, Func<Tensor, Scalar, Tensor> apply)
    {
        using Scalar scalar = number.ToScalar();
        return new(apply(x, scalar));
    }
}
