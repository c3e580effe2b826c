using System.Runtime.InteropServices;
using Descent.Optimizers;
using static TorchSharp.torch;

namespace Descent.Torch;

/// <summary>The gradients of all groups, sorted by how they can be reached: flat ones of either element type, and all others.</summary>
internal sealed unsafe class GradientSlots
{
    public SlotList Singles { get; } = new(ElementType.Float32);

    public SlotList Doubles { get; } = new(ElementType.Float64);

    /// <summary>What kernels don't serve: another device, layout or element type.</summary>
    public List<ParameterState> Others { get; } = [];

    /// <summary>Everyone who has a gradient.</summary>
    public IEnumerable<ParameterState> All => Singles.Owners.Concat(Doubles.Owners).Concat(Others);

    public void Clear()
    {
        Singles.Clear();
        Doubles.Clear();
        Others.Clear();
    }

    /// <summary>Looks a gradient up; a parameter without one is left out.</summary>
    /// <param name="parameter">Whose.</param>
    /// <param name="withParameter">Whether the parameter's own elements are needed too.</param>
    public void Add(ParameterState parameter, bool withParameter)
    {
        nint gradient = parameter.Held ? 0 : TensorExports.Gradient(parameter.Parameter.Handle);
        if (gradient == 0)
        {
            return;
        }

        bool served = TensorExports.TryRead(gradient, out FlatTensor flat);
        TensorExports.Release(gradient);
        FlatTensor own = default;
        served = served && (!withParameter || (parameter.TryRead(out own) && own.Type == flat.Type && own.Length == flat.Length));
        if (served)
        {
            (flat.Type == TensorExports.Float32 ? Singles : Doubles).Add(parameter, own, flat);
        }
        else
        {
            Others.Add(parameter);
        }
    }

    /// <summary>Hands a gradient to libtorch's operators, dense, outside of autograd; what it returns takes the gradient's place.</summary>
    public static void Replace(ParameterState parameter, Func<Tensor, Tensor> change)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        Tensor gradient = parameter.Parameter.grad!;
        Tensor dense = gradient.is_sparse ? gradient.to_dense() : gradient;
        Tensor changed = change(dense);
        if (!ReferenceEquals(changed, gradient))
        {
            parameter.Parameter.grad = changed;
        }
    }
}

/// <summary>Flat gradients of one element type, and whose they are.</summary>
internal sealed unsafe class SlotList(ElementType type)
{
    private readonly List<TensorSlot> _slots = [];
    private readonly List<ParameterState> _owners = [];

    public ElementType Type => type;

    public ReadOnlySpan<TensorSlot> Slots => CollectionsMarshal.AsSpan(_slots);

    public IReadOnlyList<ParameterState> Owners => _owners;

    public void Clear()
    {
        _slots.Clear();
        _owners.Clear();
    }

    public void Add(ParameterState owner, FlatTensor parameter, FlatTensor gradient)
    {
        _slots.Add(new TensorSlot { Parameter = parameter.Data, Gradient = gradient.Data, Length = gradient.Length, Units = owner.Units });
        _owners.Add(owner);
    }
}
