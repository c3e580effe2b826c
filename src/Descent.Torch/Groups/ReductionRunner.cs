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
    private readonly SlotGatherer _gatherer = new(parameters, bfloat16: false);
    private readonly Entry[] _entries = new Entry[parameters.Length];
    private readonly TensorSlot[] _batch = new TensorSlot[parameters.Length];
    private readonly List<Copy> _copies = [];
    private RuleOptions? _options;
    private IReadOnlyList<StateTensor> _states = [];

    protected override long Begin(RuleOptions options, IParallelRunner threads)
    {
        if (!ReferenceEquals(options, _options))
        {
            Adopt(options);
        }

        return _gatherer.Gather(_states, threads);
    }

    // Other settings of the same rule leave the kernels their plans; the states' list stays the same object where it says the same. In a method of its own, for a
    // lambda that captures the options would allocate at the beginning of every step.
    private void Adopt(RuleOptions options)
    {
        if (!_kernels.TrueForAll(entry => entry.Kernel.TryAdopt(options.CreateKernel())))
        {
            _kernels.Clear();
        }

        IReadOnlyList<StateTensor> states = options.State;
        (_options, _states) = (options, states.SequenceEqual(_states) ? _states : states);
    }

    protected override void Step(RuleOptions options, in StepScalars scalars, IParallelRunner threads)
    {
        bool wholeGroup = options.Scope == UpdateScope.Group;
        if (_gatherer.IsUniform(out Gathered common))
        {
            ElementType type = TypeOf(common.Type);
            Kernel(0, type).Update(_gatherer.Slots, type, wholeGroup ? scalars : scalars with { Step = common.Step }, threads);
        }
        else
        {
            ElementType groupType = wholeGroup ? CommonType() : default;
            int count = 0;
            for (int index = 0; index < Parameters.Length; index++)
            {
                Gathered found = _gatherer.Found[index];
                if (found.Way != GatherWay.NoGradient)
                {
                    _entries[count++] = Reach(index, found, wholeGroup ? groupType : null, wholeGroup ? scalars.Step : null);
                }
            }

            Run(count, scalars, threads);
            Finish();
        }

        GC.KeepAlive(this);
    }

    /// <summary>A parameter where it lies or, where kernels can't take it so or the group's type is another, as a copy.</summary>
    private Entry Reach(int index, Gathered found, ElementType? groupType, long? groupStep)
    {
        ParameterState parameter = Parameters[index];
        bool inPlace = found.Way == GatherWay.InPlace;
        sbyte number = found.Type;
        if (!inPlace)
        {
            parameter.Declare(_states);
            parameter.Step++;
            nint gradient = TensorExports.Gradient(parameter.Parameter.Handle);
            inPlace = _gatherer.TryRead(index, gradient, out number);
            TensorExports.Release(gradient);
        }

        long step = groupStep ?? parameter.Step;
        if (inPlace && (groupType is null || groupType == TypeOf(number)))
        {
            parameter.Path = UpdatePath.Kernel;
            return new Entry(_gatherer.Slots[index], TypeOf(number), step);
        }

        parameter.Path = UpdatePath.Copy;
        ElementType type = groupType ?? TypeOf(parameter);
        return new Entry(CopyOf(parameter, type), type, step);
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

    private static ElementType TypeOf(sbyte type) => type == TensorExports.Float64 ? ElementType.Float64 : ElementType.Float32;

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
