namespace Descent.Optimizers;

/// <summary>
/// What kernels with sums share: the prologue of a step, the check of tensors, and waves. A wave is a run of tensors that a processor's last cache holds
/// about: all passes go over one wave before the next begins, so that only tensors larger than that are read from memory more than once.
/// </summary>
internal abstract unsafe class ReductionKernel(OptimizerOptions options) : UpdateKernel
{
    /// <summary>Elements a wave: 4 MiB a stream of floats, so that the four or five streams of a rule fit a last cache of some 20 MiB.</summary>
    internal const long WaveElements = 1024 * 1024;

    private OptimizerOptions _options = options;

    /// <summary>Of the step in progress.</summary>
    protected Prologue Prologue { get; private set; }

    /// <summary>Of the step in progress, for tensors that are exempt.</summary>
    protected Prologue Exempt { get; private set; }

    /// <summary>The scalars that a rule of exempt tensors is made of.</summary>
    protected static StepScalars ForExempt(in StepScalars scalars) => scalars with { WeightDecay = 0 };

    public override void Apply<TLane>(ref TLane p, TLane g, Span<TLane> state, in StepScalars scalars) =>
        throw new NotSupportedException(
            $"'{_options.Kind}' sums over whole tensors and cannot run element by element; copy the parameter to contiguous memory and call Update.");

    /// <summary>Takes over the settings that all kernels with sums have.</summary>
    protected void Adopt(ReductionKernel other) => _options = other._options;

    protected void Begin(in StepScalars scalars)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(scalars.Step, 1, nameof(scalars.Step));
        double sign = _options.Maximize ? -1 : 1;
        Prologue = new Prologue(_options.OwnWeightDecay ? scalars with { WeightDecay = 0 } : scalars, sign, _options.DecoupledWeightDecay);
        Exempt = new Prologue(scalars with { WeightDecay = 0, L1 = 0, L2 = 0 }, sign, _options.DecoupledWeightDecay);
    }

    /// <summary>The end of the wave that begins with tensor <paramref name="start"/>.</summary>
    protected static int WaveEnd(ReadOnlySpan<TensorSlot> slots, int start)
    {
        long elements = slots[start].Length;
        int end = start + 1;
        while (end < slots.Length && elements + slots[end].Length <= WaveElements)
        {
            elements += slots[end++].Length;
        }

        return end;
    }

    protected void Check(in TensorSlot slot, ElementType type, int index, int count, Streams needs)
    {
        if (type == ElementType.Bfloat16 || slot.Format != StateFormat.Float32 || (slot.GradientType ?? type) != type)
        {
            throw new NotSupportedException(
                $"'{_options.Kind}' sums over whole tensors and takes parameters, gradients and states as float or double; tensor {index} of {count} is {type} "
                + $"with states as {slot.Format}. Convert it for the step.");
        }

        bool complete = slot.Parameter != null && slot.Gradient != null
            && ((needs & Streams.State0) == 0 || slot.State0 != null)
            && ((needs & Streams.State1) == 0 || slot.State1 != null)
            && ((needs & Streams.State2) == 0 || slot.State2 != null)
            && ((needs & Streams.State3) == 0 || slot.State3 != null);
        if (slot.Length < 0 || (slot.Length > 0 && !complete))
        {
            throw new ArgumentException(
                $"Tensor {index} of {count} (length {slot.Length}) lacks a pointer or has a negative length; "
                + $"this rule needs its parameter, its gradient and the states {needs}.",
                "slots");
        }
    }
}
