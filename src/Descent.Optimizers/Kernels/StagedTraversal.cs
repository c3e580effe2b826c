using System.Runtime.CompilerServices;

namespace Descent.Optimizers;

/// <summary>
/// The traversal where something is not stored as it is computed: a few blocks at a time are decoded into buffers that stay in the first cache, updated
/// there by the one loop, and encoded again. Memory is passed over once.
/// </summary>
internal static unsafe class StagedTraversal<TRule, TPrologue>
    where TRule : struct, IRule
    where TPrologue : struct, IPrologue
{
    [SkipLocalsInit]
    public static void Run(in TRule rule, in TPrologue prologue, in StagedTensor tensor, long offset, long count, LaneWidth width)
    {
        float* buffers = stackalloc float[(TRule.States + 2) * StagedBlock.Elements];
        float* own = buffers + (TRule.States * StagedBlock.Elements);
        ref readonly TensorSlot slot = ref tensor.Slot;
        bool packed = slot.Format != StateFormat.Float32;
        for (long end = offset + count; offset < end; offset += StagedBlock.Elements)
        {
            int length = (int)Math.Min(StagedBlock.Elements, end - offset);
            float* p = Widen(slot.Parameter, tensor.ParameterIsBfloat16, offset, length, own, width);
            float* g = Widen(slot.Gradient, tensor.GradientIsBfloat16, offset, length, own + StagedBlock.Elements, width);
            float* s0 = TRule.States > 0 ? State(tensor, 0, packed, offset, length, buffers, width) : null;
            float* s1 = TRule.States > 1 ? State(tensor, 1, packed, offset, length, buffers, width) : null;
            float* s2 = TRule.States > 2 ? State(tensor, 2, packed, offset, length, buffers, width) : null;
            float* s3 = TRule.States > 3 ? State(tensor, 3, packed, offset, length, buffers, width) : null;
            Traversal<TRule, TPrologue, float>.Run(rule, prologue, p, g, s0, s1, s2, s3, length, width);
            for (int state = 0; packed && state < TRule.States; state++)
            {
                tensor.Codec.Write(
                    buffers + (state * StagedBlock.Elements), tensor.Address(state), offset, length, tensor.Rounding(state).From(offset), width);
            }

            if (tensor.ParameterIsBfloat16)
            {
                Bfloat16Stream.Write(p, (ushort*)slot.Parameter + offset, length, tensor.ParameterRounding.From(offset), width);
            }
        }
    }

    private static float* Widen(void* stream, bool isBfloat16, long offset, int length, float* buffer, LaneWidth width)
    {
        if (!isBfloat16)
        {
            return (float*)stream + offset;
        }

        Bfloat16Stream.Read((ushort*)stream + offset, length, buffer, width);
        return buffer;
    }

    private static float* State(in StagedTensor tensor, int state, bool packed, long offset, int length, float* buffers, LaneWidth width)
    {
        StateAddress address = tensor.Address(state);
        if (!packed)
        {
            return (float*)address.Codes + offset;
        }

        float* buffer = buffers + (state * StagedBlock.Elements);
        tensor.Codec.Read(address, offset, length, buffer, width);
        return buffer;
    }
}
