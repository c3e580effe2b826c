using Descent.Optimizers;
using TorchSharp.Modules;
using static TorchSharp.torch;
using RuleOptions = Descent.Optimizers.OptimizerOptions;

namespace Descent.Torch;

/// <summary>
/// Runs rules with sums over tensors or groups. Kernels take them all: what they can't reach in place is copied to contiguous memory of the CPU, in float or
/// double, and back.
/// </summary>
internal sealed unsafe class ReductionRunner(ParamGroup group, GroupRule rule, ParameterState[] parameters) : GroupRunner(group, rule, parameters)
{
    private readonly List<(UpdateKernel Kernel, ElementType Type)> _kernels = [];
    private readonly Entry[] _entries = new Entry[parameters.Length];
    private readonly TensorSlot[] _batch = new TensorSlot[parameters.Length];
    private readonly List<Copy> _copies = [];
    private RuleOptions? _options;
    private IReadOnlyList<StateTensor> _states = [];

    protected override void Step(RuleOptions options, in StepScalars scalars, IParallelRunner threads)
    {
        if (!ReferenceEquals(options, _options))
        {
            _kernels.Clear();
            (_options, _states) = (options, options.State);
        }

        bool wholeGroup = options.Scope == UpdateScope.Group;
        ElementType groupType = wholeGroup ? CommonType() : default;
        int count = 0;
        foreach (ParameterState parameter in Parameters)
        {
            nint gradient = TensorExports.Gradient(parameter.Parameter.Handle);
            if (gradient == 0)
            {
                continue;
            }

            parameter.Declare(_states);
            parameter.Step++;
            bool inPlace = TryGather(parameter, gradient, out TensorSlot slot, out ElementType type) && (!wholeGroup || type == groupType);
            if (!inPlace)
            {
                type = wholeGroup ? groupType : TypeOf(parameter);
                slot = CopyOf(parameter, type);
            }

            parameter.Path = inPlace ? UpdatePath.Kernel : UpdatePath.Copy;
            _entries[count++] = new Entry(slot, type, wholeGroup ? scalars.Step : parameter.Step);
        }

        Run(count, scalars, threads);
        Finish();
        GC.KeepAlive(this);
    }

    /// <summary>Takes and releases <paramref name="gradient"/>; the parameter goes on holding the tensor during the step.</summary>
    private bool TryGather(ParameterState parameter, nint gradient, out TensorSlot slot, out ElementType type)
    {
        bool flat = TensorExports.TryRead(gradient, out FlatTensor g);
        TensorExports.Release(gradient);
        (slot, type) = (default, default);
        if (!flat || !parameter.TryRead(out FlatTensor p) || g.Type != p.Type || g.Length != p.Length)
        {
            return false;
        }

        type = p.Type == TensorExports.Float32 ? ElementType.Float32 : ElementType.Float64;
        for (int state = 0; state < _states.Count; state++)
        {
            if (parameter.Address(state) == null && parameter[state].numel() > 0)
            {
                return false;
            }
        }

        slot = Slot(parameter, p.Data, g.Data) with
        {
            State0 = parameter.Address(0),
            State1 = parameter.Address(1),
            State2 = parameter.Address(2),
            State3 = parameter.Address(3),
        };
        return true;
    }

    private TensorSlot CopyOf(ParameterState parameter, ElementType type)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        ScalarType compute = type == ElementType.Float32 ? ScalarType.Float32 : ScalarType.Float64;
        Tensor gradient = parameter.Parameter.grad!.detach();
        var copy = new Copy(
            parameter, Flat(parameter.Parameter.detach(), compute), Flat(gradient.is_sparse ? gradient.to_dense() : gradient, compute),
            [.. _states.Select((_, index) => Flat(parameter[index], compute))]);
        _copies.Add(copy);
        return Slot(parameter, Address(copy.Value), Address(copy.Gradient)) with
        {
            State0 = Address(copy.States.ElementAtOrDefault(0)),
            State1 = Address(copy.States.ElementAtOrDefault(1)),
            State2 = Address(copy.States.ElementAtOrDefault(2)),
            State3 = Address(copy.States.ElementAtOrDefault(3)),
        };
    }

    /// <summary>Writes the copies back and lets go of them.</summary>
    private void Finish()
    {
        if (_copies.Count == 0)
        {
            return;
        }

        using var noGrad = no_grad();
        foreach (Copy copy in _copies)
        {
            using Tensor target = copy.Parameter.Parameter.detach();
            target.copy_(copy.Value);
            copy.Value.Dispose();
            copy.Gradient.Dispose();
            for (int state = 0; state < copy.States.Length; state++)
            {
                copy.Parameter[state].copy_(copy.States[state]);
                copy.States[state].Dispose();
            }
        }

        _copies.Clear();
    }

    /// <summary>One kernel call for all parameters of one type and step; there is one as long as every parameter has a gradient each step.</summary>
    private void Run(int count, in StepScalars scalars, IParallelRunner threads)
    {
        int kernel = 0;
        for (int left = count; left > 0; kernel++)
        {
            Entry first = _entries[0];
            int taken = 0, kept = 0;
            for (int i = 0; i < left; i++)
            {
                Entry entry = _entries[i];
                if (entry.Type == first.Type && entry.Step == first.Step)
                {
                    _batch[taken++] = entry.Slot;
                }
                else
                {
                    _entries[kept++] = entry;
                }
            }

            left = kept;
            Kernel(kernel, first.Type).Update(_batch.AsSpan(0, taken), first.Type, scalars with { Step = first.Step }, threads);
        }
    }

    private UpdateKernel Kernel(int index, ElementType type)
    {
        if (_kernels.Count <= index)
        {
            _kernels.Add((_options!.CreateKernel(), type));
        }

        return _kernels[index].Kernel;
    }

    private ElementType CommonType() =>
        Array.Exists(Parameters, static parameter => TypeOf(parameter) == ElementType.Float64) ? ElementType.Float64 : ElementType.Float32;

    private static ElementType TypeOf(ParameterState parameter) =>
        parameter.Parameter.dtype == ScalarType.Float64 ? ElementType.Float64 : ElementType.Float32;

    private static TensorSlot Slot(ParameterState parameter, void* value, void* gradient) => parameter.Facts with
    {
        Parameter = value,
        Gradient = gradient,
        GradientScale = parameter.GradientFactor,
        Exempt = parameter.Exempt,
    };

    // A copy even where nothing changes, for the kernel writes it.
    private static Tensor Flat(Tensor tensor, ScalarType type) =>
        tensor.to(type, CPU, copy: true).contiguous().DetachFromDisposeScope();

    private static void* Address(Tensor? tensor) =>
        tensor is null || tensor.numel() == 0 ? null
        : TensorExports.TryRead(tensor.Handle, out FlatTensor flat) ? flat.Data
        : throw new InvalidOperationException("A copy in contiguous memory cannot be read.");

    private readonly record struct Entry(TensorSlot Slot, ElementType Type, long Step);

    private sealed record Copy(ParameterState Parameter, Tensor Value, Tensor Gradient, Tensor[] States);
}
