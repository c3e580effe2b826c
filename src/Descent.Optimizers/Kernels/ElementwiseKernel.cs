namespace Descent.Optimizers;

/// <summary>Runs an element-wise rule over all pieces of all tensors.</summary>
internal sealed unsafe partial class ElementwiseKernel<TRule> : UpdateKernel, IParallelBody
    where TRule : struct, IRule
{
    private Func<StepScalars, TRule> _create;
    private bool _decoupled;
    private bool _ownDecay;
    private double _sign;
    private readonly bool[] _nonNegative;
    private readonly WorkPlan _plan = new(granule: StagedBlock.Elements);

    // Of the step in progress.
    private TensorSlot* _slots;
    private ElementType _type;
    private long _step;
    private TRule _rule;
    private TRule _exemptRule;
    private Prologue _prologue;
    private Prologue _exempt;

    public ElementwiseKernel(OptimizerOptions options, Func<StepScalars, TRule> create)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(create);
        if (options.State.Count != TRule.States)
        {
            throw new ArgumentException(
                $"The options of '{options.Kind}' declare {options.State.Count} state tensors, its rule updates {TRule.States}; make them agree.",
                nameof(options));
        }

        _create = create;
        _decoupled = options.DecoupledWeightDecay;
        _ownDecay = options.OwnWeightDecay;
        _sign = options.Maximize ? -1 : 1;
        _nonNegative = [.. options.State.Select(static state => state.NonNegative)];
    }

    public override void Update(ReadOnlySpan<TensorSlot> slots, ElementType type, in StepScalars scalars, IParallelRunner runner)
    {
        ArgumentNullException.ThrowIfNull(runner);
        Begin(scalars);
        Check(slots, type);
        _plan.Prepare(slots);
        _type = type;
        _step = scalars.Step;
        fixed (TensorSlot* pinned = slots)
        {
            _slots = pinned;
            runner.Run(_plan.Pieces, this);
            _slots = null;
        }
    }

    internal override bool TryAdopt(UpdateKernel other)
    {
        if (other is not ElementwiseKernel<TRule> same)
        {
            return false;
        }

        (_create, _decoupled, _ownDecay, _sign) = (same._create, same._decoupled, same._ownDecay, same._sign);
        return true;
    }

    public override void Apply<TLane>(ref TLane p, TLane g, Span<TLane> state, in StepScalars scalars)
    {
        if (state.Length != TRule.States)
        {
            throw new ArgumentException($"{state.Length} states were given; this rule has {TRule.States}.", nameof(state));
        }

        Begin(scalars);
        TLane s0 = TRule.States > 0 ? state[0] : default;
        TLane s1 = TRule.States > 1 ? state[1] : default;
        TLane s2 = TRule.States > 2 ? state[2] : default;
        TLane s3 = TRule.States > 3 ? state[3] : default;
        switch (_prologue.Form)
        {
            case PrologueForm.Scaled: _prologue.Scaled.Apply(ref p, ref g); break;
            case PrologueForm.Decayed: _prologue.Decayed.Apply(ref p, ref g); break;
            case PrologueForm.Elastic: _prologue.Elastic.Apply(ref p, ref g); break;
            default: _prologue.Clamped.Apply(ref p, ref g); break;
        }

        _rule.Update(ref p, g, ref s0, ref s1, ref s2, ref s3);
        if (TRule.States > 0)
        {
            state[0] = s0;
        }

        if (TRule.States > 1)
        {
            state[1] = s1;
        }

        if (TRule.States > 2)
        {
            state[2] = s2;
        }

        if (TRule.States > 3)
        {
            state[3] = s3;
        }
    }

    void IParallelBody.Execute(int item)
    {
        foreach (WorkPlan.Segment segment in _plan.Piece(item))
        {
            Dispatch(_slots[segment.Tensor], segment.Offset, segment.Count);
        }
    }

    private void Begin(in StepScalars scalars)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(scalars.Step, 1, nameof(scalars.Step));
        _rule = _create(scalars);
        _exemptRule = _ownDecay ? _create(scalars with { WeightDecay = 0 }) : _rule;
        _prologue = new Prologue(_ownDecay ? scalars with { WeightDecay = 0 } : scalars, _sign, _decoupled);
        _exempt = new Prologue(scalars with { WeightDecay = 0, L1 = 0, L2 = 0 }, _sign, _decoupled);
    }

    private void Dispatch(in TensorSlot slot, long offset, long count)
    {
        ref readonly Prologue prologue = ref slot.Exempt ? ref _exempt : ref _prologue;
        switch (prologue.Form)
        {
            case PrologueForm.Scaled: Dispatch(prologue.Scaled.Times(slot.GradientScale), slot, offset, count); break;
            case PrologueForm.Decayed: Dispatch(prologue.Decayed.Times(slot.GradientScale), slot, offset, count); break;
            case PrologueForm.Elastic: Dispatch(prologue.Elastic.Times(slot.GradientScale), slot, offset, count); break;
            default: Dispatch(prologue.Clamped.Times(slot.GradientScale), slot, offset, count); break;
        }
    }

    private void Dispatch<TPrologue>(in TPrologue prologue, in TensorSlot slot, long offset, long count) where TPrologue : struct, IPrologue
    {
        ref readonly TRule rule = ref slot.Exempt ? ref _exemptRule : ref _rule;
        if (_type == ElementType.Float64)
        {
            Traversal<TRule, TPrologue, double>.Run(rule, prologue, slot, offset, count, Width);
        }
        else if (IsPlain(slot, _type))
        {
            Traversal<TRule, TPrologue, float>.Run(rule, prologue, slot, offset, count, Width);
        }
        else
        {
            StagedTensor tensor = new(in slot, _type, _nonNegative, _step);
            long done = EncodedTraversal<TRule, TPrologue>.Run(rule, prologue, tensor, offset, count, Width);
            if (done < count)
            {
                StagedTraversal<TRule, TPrologue>.Run(rule, prologue, tensor, offset + done, count - done, Width);
            }
        }
    }

    /// <summary>Whether every stream lies in memory as it is computed.</summary>
    private static bool IsPlain(in TensorSlot slot, ElementType type) =>
        type != ElementType.Bfloat16 && (slot.GradientType ?? type) == type && (slot.Format == StateFormat.Float32 || TRule.States == 0);

    private static void Check(ReadOnlySpan<TensorSlot> slots, ElementType type)
    {
        for (int index = 0; index < slots.Length; index++)
        {
            ref readonly TensorSlot slot = ref slots[index];
            bool complete = slot.Parameter != null && slot.Gradient != null
                && (TRule.States < 1 || slot.State0 != null)
                && (TRule.States < 2 || slot.State1 != null)
                && (TRule.States < 3 || slot.State2 != null)
                && (TRule.States < 4 || slot.State3 != null);
            if (slot.Length < 0 || (slot.Length > 0 && !complete))
            {
                throw new ArgumentException(
                    $"Tensor {index} of {slots.Length} (length {slot.Length}) lacks a pointer or has a negative length; "
                    + $"this rule needs its parameter, its gradient and {TRule.States} states.",
                    nameof(slots));
            }

            if (slot.Format != StateFormat.Float32 || slot.GradientType is not null)
            {
                CheckStorage(slot, index, type);
            }
        }
    }

    private static void CheckStorage(in TensorSlot slot, int index, ElementType type)
    {
        if (type == ElementType.Float64 && (!IsPlain(slot, type)))
        {
            throw new ArgumentException(
                $"Tensor {index} has parameters of double with states as {StateCodec.Of(slot.Format).Name} and gradients of {slot.GradientType ?? type}; "
                + "codecs serve parameters of float and bfloat16. Keep double throughout.", nameof(slot));
        }

        for (int state = 0; state < TRule.States && slot.Length > 0 && StateCodec.Of(slot.Format).HasScales; state++)
        {
            if (slot.Scales(state) == null)
            {
                throw new ArgumentException($"State {state} of tensor {index} has no scales; {StateCodec.Of(slot.Format).Name} needs them.", nameof(slot));
            }
        }
    }
}
