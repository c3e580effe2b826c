using Descent.Optimizers;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using RuleOptions = Descent.Optimizers.OptimizerOptions;

namespace Descent.Torch;

/// <summary>Runs element-wise rules: all parameters that kernels serve in one pass, the rest through libtorch's operators.</summary>
internal sealed unsafe partial class ElementwiseRunner(ParamGroup group, GroupRule rule, ParameterState[] parameters)
    : GroupRunner(group, rule, parameters)
{
    private const int Processor = -1;

    // A batch is what one kernel call takes: the same element type, step and device. There is one as long as every parameter has a gradient each step.
    private readonly List<UpdateKernel> _kernels = [];
    private readonly TensorSlot[] _slots = new TensorSlot[parameters.Length];
    private readonly Batch[] _batches = new Batch[parameters.Length];
    private readonly TensorSlot[] _batch = new TensorSlot[parameters.Length];
    private readonly List<Tensor> _copies = [];
    private RuleOptions? _options;
    private IReadOnlyList<StateTensor> _states = [];

    protected override void Step(RuleOptions options, in StepScalars scalars, IParallelRunner threads)
    {
        if (!ReferenceEquals(options, _options))
        {
            Adopt(options);
        }

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
            if (TryGatherOnDevice(parameter, gradient, scalars, out _slots[count], out int device))
            {
                TensorExports.Release(gradient);
                parameter.Path = UpdatePath.DeviceKernel;
                _batches[count++] = new Batch(TensorExports.Float32, parameter.Step, device);
            }
            else if (TryGather(parameter, gradient, out _slots[count], out sbyte type))
            {
                parameter.Path = UpdatePath.Kernel;
                _batches[count++] = new Batch(type, parameter.Step, Processor);
            }
            else
            {
                parameter.Path = UpdatePath.Operators;
                StepThroughOperators(parameter, scalars);
            }
        }

        RunBatches(count, scalars, threads);
        Release();
        GC.KeepAlive(this);
    }

    // Other settings of the same rule leave the kernels their plans; the states' list stays the same object where it says the same. In a method of its own, for a
    // lambda that captures the options would allocate at the beginning of every step.
    private void Adopt(RuleOptions options)
    {
        if (!_kernels.TrueForAll(kernel => kernel.TryAdopt(options.CreateKernel())))
        {
            _kernels.Clear();
            _deviceKernels.Clear();
        }

        IReadOnlyList<StateTensor> states = options.State;
        (_options, _states) = (options, states.SequenceEqual(_states) ? _states : states);
    }

    /// <summary>Takes and releases <paramref name="gradient"/>; the parameter goes on holding the tensor during the step.</summary>
    private bool TryGather(ParameterState parameter, nint gradient, out TensorSlot slot, out sbyte type)
    {
        bool flat = TensorExports.TryReadStored(gradient, out FlatTensor g);
        TensorExports.Release(gradient);
        (slot, type) = (default, 0);
        if (!parameter.TryReadStored(out FlatTensor p))
        {
            return false;
        }

        if (!flat && !TryCopyFlat(parameter, out g))
        {
            return false;
        }

        if (g.Type != p.Type || g.Length != p.Length)
        {
            return false;
        }

        type = p.Type;
        slot = new TensorSlot
        {
            Parameter = p.Data,
            Gradient = g.Data,
            State0 = parameter.Address(0),
            State1 = parameter.Address(1),
            State2 = parameter.Address(2),
            State3 = parameter.Address(3),
            Format = parameter.Format,
            Scales0 = parameter.ScaleAddress(0),
            Scales1 = parameter.ScaleAddress(1),
            Scales2 = parameter.ScaleAddress(2),
            Scales3 = parameter.ScaleAddress(3),
            Key = parameter.Key,
            Length = p.Length,
            Rows = parameter.Rows,
            Columns = parameter.Columns,
            GradientScale = parameter.GradientFactor,
            Exempt = parameter.Exempt,
        };
        int states = (slot.State0 != null ? 1 : 0) + (slot.State1 != null ? 1 : 0) + (slot.State2 != null ? 1 : 0) + (slot.State3 != null ? 1 : 0);
        return states == _states.Count || p.Length == 0;
    }

    /// <summary>A gradient with other strides (a transposed product's, a sparse one) is copied for the step; the parameter stays in place.</summary>
    private bool TryCopyFlat(ParameterState parameter, out FlatTensor flat)
    {
        flat = default;
        using Tensor gradient = parameter.Parameter.grad!;
        if (gradient.dtype != parameter.Parameter.dtype || gradient.device_type != DeviceType.CPU)
        {
            return false;
        }

        return TensorExports.TryReadStored(Copy(gradient), out flat);
    }

    private nint Copy(Tensor gradient)
    {
        using Tensor? dense = gradient.is_sparse ? gradient.to_dense() : null;
        Tensor copy = (dense ?? gradient).contiguous().DetachFromDisposeScope();
        _copies.Add(copy);
        return copy.Handle;
    }

    private void Release()
    {
        foreach (Tensor copy in _copies)
        {
            copy.Dispose();
        }

        _copies.Clear();
    }

    private void RunBatches(int count, StepScalars scalars, IParallelRunner threads)
    {
        int kernel = 0;
        for (int left = count; left > 0; kernel++)
        {
            Batch batch = _batches[0];
            int taken = 0, kept = 0;
            for (int i = 0; i < left; i++)
            {
                if (_batches[i] == batch)
                {
                    _batch[taken++] = _slots[i];
                }
                else
                {
                    (_slots[kept], _batches[kept]) = (_slots[i], _batches[i]);
                    kept++;
                }
            }

            left = kept;
            StepScalars own = scalars with { Step = batch.Step };
            if (batch.Device != Processor)
            {
                OnDevice(kernel, own)!.Update(_batch.AsSpan(0, taken), own, batch.Device);
                continue;
            }

            ElementType type = batch.Type switch
            {
                TensorExports.Float32 => ElementType.Float32,
                TensorExports.Float64 => ElementType.Float64,
                _ => ElementType.Bfloat16,
            };
            Kernel(kernel).Update(_batch.AsSpan(0, taken), type, own, threads);
        }
    }

    private UpdateKernel Kernel(int index)
    {
        while (_kernels.Count <= index)
        {
            _kernels.Add(_options!.CreateKernel());
        }

        return _kernels[index];
    }

    private void StepThroughOperators(ParameterState parameter, in StepScalars scalars)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        Tensor target = parameter.Parameter.detach();
        Tensor gradient = parameter.Parameter.grad!.detach();
        if (gradient.is_sparse)
        {
            gradient = gradient.to_dense();
        }

        // As libtorch's fused operators: half and bfloat16 are computed in float and rounded once.
        ScalarType compute = target.dtype is ScalarType.Float16 or ScalarType.BFloat16 ? ScalarType.Float32 : target.dtype;
        Span<TensorLane> state = new TensorLane[_states.Count];
        for (int i = 0; i < state.Length; i++)
        {
            state[i] = new TensorLane(parameter.Read(i).to(compute, target.device));
        }

        var p = new TensorLane(target.to(compute));
        Kernel(0).Apply(ref p, new TensorLane(gradient.to(compute, target.device)), state, scalars.For(parameter) with { Step = parameter.Step });
        target.copy_(p.Tensor);
        for (int i = 0; i < state.Length; i++)
        {
            parameter.Write(i, state[i].Tensor);
        }
    }

    private readonly record struct Batch(sbyte Type, long Step, int Device);
}
