using System.Numerics;

namespace Descent.Optimizers;

/// <summary>
/// Runs a rule whose sums go over blocks of a tensor, a row or an attention head: both passes over a block follow each other while it lies in the cache, so
/// memory is moved once. One thread does a block. Tensors that want a number for every element go to <paramref name="elements"/>.
/// </summary>
/// <param name="options">The rule's options.</param>
/// <param name="partition">Says where blocks end.</param>
/// <param name="create">Makes the rule of one step.</param>
/// <param name="elements">The same rule element by element.</param>
internal sealed unsafe class BlockKernel<TRule>(
    OptimizerOptions options, BlockPartition partition, Func<StepScalars, TRule> create, UpdateKernel elements) : ReductionKernel(options), IParallelBody
    where TRule : struct, IBlockRule
{
    private readonly WorkPlan _plan = new(wholeUnits: true);
    private BlockPartition _partition = partition;
    private Func<StepScalars, TRule> _create = create;
    private TensorSlot[] _parts = [];
    private TensorSlot[] _separate = [];

    private UpdateKernel Elements => elements;

    // Of the step in progress.
    private TensorSlot* _slots;
    private ElementType _type;
    private TRule _rule;
    private TRule _exemptRule;

    public override void Update(ReadOnlySpan<TensorSlot> slots, ElementType type, in StepScalars scalars, IParallelRunner runner)
    {
        ArgumentNullException.ThrowIfNull(runner);
        Begin(scalars);
        if (_separate.Length < slots.Length)
        {
            (_parts, _separate) = (new TensorSlot[2 * slots.Length], new TensorSlot[slots.Length]);
        }

        int parts = 0, separate = 0;
        for (int index = 0; index < slots.Length; index++)
        {
            ref readonly TensorSlot slot = ref slots[index];
            Check(slot, type, index, slots.Length, TRule.Needs);
            if (_partition.IsSeparate(slot))
            {
                _separate[separate++] = slot;
            }
            else if (slot.Length > 0)
            {
                (long headed, long headLength, long others, long otherLength) = _partition.Of(slot);
                if (headed > 0)
                {
                    _parts[parts++] = Part(slot, type, 0, 0, headed, headLength);
                }

                if (others > 0)
                {
                    _parts[parts++] = Part(slot, type, headed * headLength, headed, others, otherLength);
                }
            }
        }

        elements.Width = Width;
        elements.Update(_separate.AsSpan(0, separate), type, scalars, runner);
        Span<TensorSlot> blocks = _parts.AsSpan(0, parts);
        _plan.Prepare(blocks);
        (_type, _rule, _exemptRule) = (type, _create(scalars), _create(ForExempt(scalars)));
        fixed (TensorSlot* pinned = blocks)
        {
            _slots = pinned;
            runner.Run(_plan.Pieces, this);
            _slots = null;
        }
    }

    internal override bool TryAdopt(UpdateKernel other)
    {
        if (other is not BlockKernel<TRule> same || !elements.TryAdopt(same.Elements))
        {
            return false;
        }

        Adopt(same);
        (_partition, _create) = (same._partition, same._create);
        return true;
    }

    void IParallelBody.Execute(int item)
    {
        foreach (WorkPlan.Segment segment in _plan.Piece(item))
        {
            ref readonly TensorSlot slot = ref _slots[segment.Tensor];
            if (_type == ElementType.Float32)
            {
                Dispatch<float>(slot, segment);
            }
            else
            {
                Dispatch<double>(slot, segment);
            }
        }
    }

    /// <summary>Some blocks of a tensor as a tensor; the state of blocks is the second.</summary>
    private static TensorSlot Part(in TensorSlot slot, ElementType type, long start, long firstBlock, long blocks, long blockLength)
    {
        int size = type == ElementType.Float32 ? sizeof(float) : sizeof(double);
        return new TensorSlot
        {
            Parameter = (byte*)slot.Parameter + (start * size),
            Gradient = (byte*)slot.Gradient + (start * size),
            State0 = (byte*)slot.State0 + (start * size),
            State1 = (byte*)slot.State1 + (firstBlock * size),
            Length = blocks * blockLength,
            Units = blocks,
            GradientScale = slot.GradientScale,
            Exempt = slot.Exempt,
        };
    }

    private void Dispatch<T>(in TensorSlot slot, WorkPlan.Segment segment) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Prologue prologue = slot.Exempt ? Exempt : Prologue;
        switch (prologue.Form)
        {
            case PrologueForm.Scaled: Blocks<Scaled, T>(prologue.Scaled.Times(slot.GradientScale), slot, segment); break;
            case PrologueForm.Decayed: Blocks<Decayed, T>(prologue.Decayed.Times(slot.GradientScale), slot, segment); break;
            case PrologueForm.Elastic: Blocks<Elastic, T>(prologue.Elastic.Times(slot.GradientScale), slot, segment); break;
            default: Blocks<Clamped, T>(prologue.Clamped.Times(slot.GradientScale), slot, segment); break;
        }
    }

    private void Blocks<TPrologue, T>(in TPrologue prologue, in TensorSlot slot, WorkPlan.Segment segment)
        where TPrologue : struct, IPrologue
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ref readonly TRule rule = ref slot.Exempt ? ref _exemptRule : ref _rule;
        long length = slot.Length / slot.Units;
        for (long start = segment.Offset; start < segment.Offset + segment.Count; start += length)
        {
            T* state = (T*)slot.State1 + (start / length);
            (double sum, _) = ReductionTraversal<TRule, TPrologue, T>.Gather(rule, prologue, slot, start, length, Width);
            T value = T.CreateTruncating(rule.Advance(double.CreateTruncating(*state), sum, length));
            *state = value;
            TensorFactors factors = rule.Settle(double.CreateTruncating(value));
            ReductionTraversal<TRule, TPrologue, T>.Update(rule, prologue, factors, slot, start, length, Width);
        }
    }
}
