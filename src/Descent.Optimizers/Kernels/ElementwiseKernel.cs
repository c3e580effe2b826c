using System.Numerics;

namespace Descent.Optimizers;

/// <summary>Runs an element-wise rule over all pieces of all tensors.</summary>
internal sealed unsafe class ElementwiseKernel<TRule> : UpdateKernel, IParallelBody
    where TRule : struct, IRule
{
    private readonly Func<StepScalars, TRule> _create;
    private readonly bool _decoupled;
    private readonly bool _ownDecay;
    private readonly double _sign;
    private readonly WorkPlan _plan = new();

    // Of the step in progress.
    private TensorSlot* _slots;
    private ElementType _type;
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
    }

    public override void Update(ReadOnlySpan<TensorSlot> slots, ElementType type, in StepScalars scalars, IParallelRunner runner)
    {
        ArgumentNullException.ThrowIfNull(runner);
        Begin(scalars);
        Check(slots);
        _plan.Prepare(slots);
        _type = type;
        fixed (TensorSlot* pinned = slots)
        {
            _slots = pinned;
            runner.Run(_plan.Pieces, this);
            _slots = null;
        }
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
        if (_type == ElementType.Float32)
        {
            Dispatch<float>(slot, offset, count);
        }
        else
        {
            Dispatch<double>(slot, offset, count);
        }
    }

    private void Dispatch<T>(in TensorSlot slot, long offset, long count) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ref readonly Prologue prologue = ref slot.Exempt ? ref _exempt : ref _prologue;
        ref readonly TRule rule = ref slot.Exempt ? ref _exemptRule : ref _rule;
        switch (prologue.Form)
        {
            case PrologueForm.Scaled:
                Traversal<TRule, Scaled, T>.Run(rule, prologue.Scaled.Times(slot.GradientScale), slot, offset, count, Width);
                break;
            case PrologueForm.Decayed:
                Traversal<TRule, Decayed, T>.Run(rule, prologue.Decayed.Times(slot.GradientScale), slot, offset, count, Width);
                break;
            case PrologueForm.Elastic:
                Traversal<TRule, Elastic, T>.Run(rule, prologue.Elastic.Times(slot.GradientScale), slot, offset, count, Width);
                break;
            default:
                Traversal<TRule, Clamped, T>.Run(rule, prologue.Clamped.Times(slot.GradientScale), slot, offset, count, Width);
                break;
        }
    }

    private static void Check(ReadOnlySpan<TensorSlot> slots)
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
        }
    }
}
