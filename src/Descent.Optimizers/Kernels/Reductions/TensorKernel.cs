using System.Numerics;

namespace Descent.Optimizers;

/// <summary>
/// Runs a rule whose sums go over each tensor, or over all of a group: a pass for the sums and one for the update. Sums are added by pieces of work in
/// their order, which the lengths alone decide, so the result has the same bits on any number of threads.
/// </summary>
internal sealed unsafe class TensorKernel<TRule>(OptimizerOptions options, Func<StepScalars, ElementType, TRule> create)
    : ReductionKernel(options), IParallelBody
    where TRule : struct, ITensorRule
{
    private readonly bool _wholeGroup = options.Scope == UpdateScope.Group;
    private Func<StepScalars, ElementType, TRule> _create = create;
    private readonly List<WorkPlan> _plans = [];
    private TensorFactors[] _factors = [];

    // Of every part of a tensor, at piece + tensor: from one part to the next, at least one of them grows by one and none falls.
    private (double A, double B)[] _sums = [];

    // Of the step in progress.
    private TensorSlot* _slots;
    private WorkPlan _plan = new();
    private ElementType _type;
    private TRule _rule;
    private TRule _exemptRule;
    private bool _update;

    public override void Update(ReadOnlySpan<TensorSlot> slots, ElementType type, in StepScalars scalars, IParallelRunner runner)
    {
        ArgumentNullException.ThrowIfNull(runner);
        Begin(scalars);
        for (int index = 0; index < slots.Length; index++)
        {
            Check(slots[index], type, index, slots.Length, TRule.Needs);
        }

        if (_wholeGroup && scalars.LearningRate == 0)
        {
            return; // what such a rule learns of its rate it learns from steps
        }

        _type = type;
        _rule = _create(scalars, type);
        _exemptRule = _create(ForExempt(scalars), type);
        int wave = 0;
        for (int start = 0; start < slots.Length;)
        {
            int end = _wholeGroup ? slots.Length : WaveEnd(slots, start);
            Run(slots[start..end], wave++, runner);
            start = end;
        }
    }

    internal override bool TryAdopt(UpdateKernel other)
    {
        if (other is not TensorKernel<TRule> same || same._wholeGroup != _wholeGroup)
        {
            return false;
        }

        Adopt(same);
        _create = same._create;
        return true;
    }

    void IParallelBody.Execute(int item)
    {
        foreach (WorkPlan.Segment segment in _plan.Piece(item))
        {
            ref readonly TensorSlot slot = ref _slots[segment.Tensor];
            if (_type == ElementType.Float32)
            {
                Dispatch<float>(slot, segment, item + segment.Tensor);
            }
            else
            {
                Dispatch<double>(slot, segment, item + segment.Tensor);
            }
        }
    }

    private void Run(ReadOnlySpan<TensorSlot> slots, int wave, IParallelRunner runner)
    {
        while (_plans.Count <= wave)
        {
            _plans.Add(new WorkPlan());
        }

        _plan = _plans[wave];
        _plan.Prepare(slots);
        if (_sums.Length < _plan.Pieces + slots.Length)
        {
            _sums = new (double, double)[_plan.Pieces + slots.Length];
        }

        if (_factors.Length < slots.Length)
        {
            _factors = new TensorFactors[slots.Length];
        }

        fixed (TensorSlot* pinned = slots)
        {
            _slots = pinned;
            _update = false;
            runner.Run(_plan.Pieces, this);
            Settle(slots);
            _update = true;
            runner.Run(_plan.Pieces, this, backwards: true);
            _slots = null;
        }
    }

    private void Settle(ReadOnlySpan<TensorSlot> slots)
    {
        (double A, double B) group = default;
        (double A, double B) own = default;
        int current = 0;
        for (int piece = 0; piece < _plan.Pieces; piece++)
        {
            foreach (WorkPlan.Segment segment in _plan.Piece(piece))
            {
                (double a, double b) = _sums[piece + segment.Tensor];
                group = (group.A + a, group.B + b);
                own = segment.Tensor == current ? (own.A + a, own.B + b) : (a, b);
                current = segment.Tensor;
                if (!_wholeGroup && segment.Offset + segment.Count == slots[current].Length)
                {
                    _factors[current] = Rule(slots[current]).Settle(own.A, own.B, slots[current]);
                }
            }
        }

        if (_wholeGroup)
        {
            _factors.AsSpan(0, slots.Length).Fill(_rule.Settle(group.A, group.B, default));
        }
    }

    private ref readonly TRule Rule(in TensorSlot slot) => ref slot.Exempt ? ref _exemptRule : ref _rule;

    private void Dispatch<T>(in TensorSlot slot, WorkPlan.Segment segment, int sum) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Prologue prologue = slot.Exempt ? Exempt : Prologue;
        switch (prologue.Form)
        {
            case PrologueForm.Scaled: Pass<Scaled, T>(prologue.Scaled.Times(slot.GradientScale), slot, segment, sum); break;
            case PrologueForm.Decayed: Pass<Decayed, T>(prologue.Decayed.Times(slot.GradientScale), slot, segment, sum); break;
            case PrologueForm.Elastic: Pass<Elastic, T>(prologue.Elastic.Times(slot.GradientScale), slot, segment, sum); break;
            default: Pass<Clamped, T>(prologue.Clamped.Times(slot.GradientScale), slot, segment, sum); break;
        }
    }

    private void Pass<TPrologue, T>(in TPrologue prologue, in TensorSlot slot, WorkPlan.Segment segment, int sum)
        where TPrologue : struct, IPrologue
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (_update)
        {
            ReductionTraversal<TRule, TPrologue, T>.Update(Rule(slot), prologue, _factors[segment.Tensor], slot, segment.Offset, segment.Count, Width);
        }
        else
        {
            _sums[sum] = ReductionTraversal<TRule, TPrologue, T>.Gather(Rule(slot), prologue, slot, segment.Offset, segment.Count, Width);
        }
    }
}
