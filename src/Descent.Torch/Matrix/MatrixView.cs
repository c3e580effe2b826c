using Descent.Optimizers;
using static TorchSharp.torch;

namespace Descent.Torch;

/// <summary>One matrix of one parameter in a step: the parameter itself, one of several stacked in it, or filters seen as rows.</summary>
/// <param name="Owner">The parameter.</param>
/// <param name="Part">Which of the stacked matrices.</param>
/// <param name="Name">The parameter's name, with the part's number where there are several.</param>
/// <param name="Parameter">[rows, columns], contiguous; shares memory with the parameter or with a copy that is written back.</param>
/// <param name="Gradient">[rows, columns], contiguous.</param>
/// <param name="Front">The states that the front pass updates, each [rows, columns].</param>
/// <param name="States">The other states, each with its own shape; null where the matrix has none.</param>
internal sealed record MatrixView(
    ParameterState Owner, int Part, string Name, Tensor Parameter, Tensor Gradient, Tensor[] Front, Tensor?[] States)
{
    /// <summary>What matrices of one batch have in common.</summary>
    public (long Rows, long Columns, ScalarType Type, string Device, long Step) Key =>
        (Parameter.size(0), Parameter.size(1), Parameter.dtype, Parameter.device.ToString(), Owner.Step);

    /// <summary>Where the matrix lies, with <paramref name="last"/> as what the front pass leaves for the rule; false where kernels don't serve it.</summary>
    public unsafe bool TryFront(Tensor last, out TensorSlot slot)
    {
        slot = default;
        void** states = stackalloc void*[4];
        bool served = TensorProvider.TryRead(Parameter, out FlatTensor p) & TensorProvider.TryRead(Gradient, out FlatTensor g) & TensorProvider.TryRead(last, out FlatTensor prepared);
        for (int i = 0; i < Front.Length && served; i++)
        {
            served = TensorProvider.TryRead(Front[i], out FlatTensor state);
            states[i] = state.Data;
        }

        if (!served)
        {
            return false;
        }

        states[Front.Length] = prepared.Data;
        slot = new TensorSlot
        {
            Parameter = p.Data,
            Gradient = g.Data,
            State0 = states[0],
            State1 = states[1],
            State2 = states[2],
            State3 = states[3],
            Length = p.Length,
            GradientScale = Owner.GradientFactor,
            Exempt = Owner.Exempt,
        };
        return true;
    }

    /// <summary>The slot of the last pass, which moves the parameter along <paramref name="direction"/>.</summary>
    public unsafe bool TryLast(Tensor direction, out TensorSlot slot)
    {
        slot = default;
        if (!TensorProvider.TryRead(Parameter, out FlatTensor p) || !TensorProvider.TryRead(direction, out FlatTensor d))
        {
            return false;
        }

        slot = new TensorSlot { Parameter = p.Data, Gradient = d.Data, Length = p.Length };
        return true;
    }
}
