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
    private readonly SlotGatherer _gatherer = new(parameters, bfloat16: true);
    private readonly TensorSlot[] _slots = new TensorSlot[parameters.Length];
    private readonly Batch[] _batches = new Batch[parameters.Length];
    private readonly TensorSlot[] _batch = new TensorSlot[parameters.Length];
    private readonly List<Tensor> _copies = [];
    private RuleOptions? _options;
    private IReadOnlyList<StateTensor> _states = [];

    protected override long Begin(RuleOptions options, IParallelRunner threads)
    {
        if (!ReferenceEquals(options, _options))
        {
            Adopt(options);
        }

        return _gatherer.Gather(_states, threads, leave: DeviceKernels.Current is { Type: DeviceType.CPU });
    }

    protected override void Step(RuleOptions options, in StepScalars scalars, IParallelRunner threads)
    {
        if (_gatherer.IsUniform(out Gathered common))
        {
            Kernel(0).Update(_gatherer.Slots, TypeOf(common.Type), scalars with { Step = common.Step }, threads);
        }
        else
        {
            int count = 0;
            for (int index = 0; index < Parameters.Length; index++)
            {
                Gathered found = _gatherer.Found[index];
                if (found.Way == GatherWay.InPlace)
                {
                    (_slots[count], _batches[count]) = (_gatherer.Slots[index], new Batch(found.Type, found.Step, Processor));
                    count++;
                }
                else if (found.Way == GatherWay.Left)
                {
                    count += Reach(index, scalars, count) ? 1 : 0;
                }
            }

            RunBatches(count, scalars, threads);
            Release();
        }

        GC.KeepAlive(this);
    }

    /// <summary>Finds a way to a parameter that isn't ready for the kernels where it lies; false where it was updated at once, through operators.</summary>
    private bool Reach(int index, in StepScalars scalars, int place)
    {
        ParameterState parameter = Parameters[index];
        parameter.Declare(_states);
        parameter.Step++;
        nint gradient = TensorExports.Gradient(parameter.Parameter.Handle);
        bool onDevice = TryGatherOnDevice(parameter, gradient, scalars, out _slots[place], out int device);
        sbyte type = 0;
        bool inPlace = !onDevice && _gatherer.TryRead(index, gradient, out type);
        TensorExports.Release(gradient);
        if (onDevice)
        {
            parameter.Path = UpdatePath.DeviceKernel;
            _batches[place] = new Batch(TensorExports.Float32, parameter.Step, device);
            return true;
        }

        if (inPlace || TryReadCopy(index, out type))
        {
            parameter.Path = UpdatePath.Kernel;
            (_slots[place], _batches[place]) = (_gatherer.Slots[index], new Batch(type, parameter.Step, Processor));
            return true;
        }

        parameter.Path = UpdatePath.Operators;
        StepThroughOperators(parameter, scalars);
        return false;
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

    /// <summary>A gradient with other strides (a transposed product's, a sparse one) is copied for the step; the parameter stays in place.</summary>
    private bool TryReadCopy(int index, out sbyte type)
    {
        type = 0;
        ParameterState parameter = Parameters[index];
        using Tensor gradient = parameter.Parameter.grad!;
        return gradient.dtype == parameter.Parameter.dtype && gradient.device_type == DeviceType.CPU && parameter.Parameter.is_contiguous()
            && _gatherer.TryRead(index, Copy(gradient), out type);
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

            Kernel(kernel).Update(_batch.AsSpan(0, taken), TypeOf(batch.Type), own, threads);
        }
    }

    private static ElementType TypeOf(sbyte type) => type switch
    {
        TensorExports.Float32 => ElementType.Float32,
        TensorExports.Float64 => ElementType.Float64,
        _ => ElementType.Bfloat16,
    };

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
