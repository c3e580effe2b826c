using System.Runtime.CompilerServices;

namespace Descent.Optimizers;

/// <summary>
/// Finds the loop that decodes, updates and encodes in registers, for the formats that have one; <see cref="StagedTraversal{TRule, TPrologue}"/> serves the rest with the same
/// bits: ends of tensors, tables, processors without registers, programs compiled ahead of time (which would hold a loop for every rule and format).
/// </summary>
internal static class EncodedTraversal<TRule, TPrologue>
    where TRule : struct, IRule
    where TPrologue : struct, IPrologue
{
    /// <summary>Updates elements from <paramref name="offset"/> on, which begins a block.</summary>
    /// <returns>How many are done; a multiple of a block.</returns>
    public static long Run(in TRule rule, in TPrologue prologue, in StagedTensor tensor, long offset, long count, LaneWidth width)
    {
        LaneWidth chosen = BitLanes.Choose(width);
        if (!RuntimeFeature.IsDynamicCodeCompiled || chosen == LaneWidth.Scalar || tensor.Crosses(offset, count))
        {
            return 0;
        }

        return !tensor.ParameterIsBfloat16 ? Run<FloatStream, FloatStream>(rule, prologue, tensor, offset, count, chosen)
            : !tensor.GradientIsBfloat16 ? Run<HalfStream, FloatStream>(rule, prologue, tensor, offset, count, chosen)
            : Run<HalfStream, HalfStream>(rule, prologue, tensor, offset, count, chosen);
    }

    private static long Run<TParameter, TGradient>(in TRule rule, in TPrologue prologue, in StagedTensor tensor, long offset, long count, LaneWidth width)
        where TParameter : struct, IElementStream
        where TGradient : struct, IElementStream
    {
        if (TRule.States == 0)
        {
            return StreamTraversal<TRule, TPrologue, TParameter, TGradient, FloatStream>.Run(rule, prologue, tensor, offset, count, width);
        }

        return tensor.Slot.Format switch
        {
            StateFormat.Float32 => StreamTraversal<TRule, TPrologue, TParameter, TGradient, FloatStream>.Run(rule, prologue, tensor, offset, count, width),
            StateFormat.Bfloat16 => StreamTraversal<TRule, TPrologue, TParameter, TGradient, HalfStream>.Run(rule, prologue, tensor, offset, count, width),
            StateFormat.Int8 => Signs<TParameter, TGradient, ByteCode<Signed8>, ByteCode<Unsigned8>>.Run(rule, prologue, tensor, offset, count, width),
            StateFormat.Int4 => Signs<TParameter, TGradient, NibbleCode<Signed4>, NibbleCode<Unsigned4>>.Run(rule, prologue, tensor, offset, count, width),
            _ => 0,
        };
    }

    /// <summary>Which states have a sign.</summary>
    private static class Signs<TParameter, TGradient, TSigned, TUnsigned>
        where TParameter : struct, IElementStream
        where TGradient : struct, IElementStream
        where TSigned : struct, ILaneCode
        where TUnsigned : struct, ILaneCode
    {
        public static long Run(in TRule rule, in TPrologue prologue, in StagedTensor tensor, long offset, long count, LaneWidth width) =>
            TRule.States > 2 ? 0
            : tensor.Address(0).NonNegative ? Run<TUnsigned>(rule, prologue, tensor, offset, count, width)
            : Run<TSigned>(rule, prologue, tensor, offset, count, width);

        private static long Run<T0>(in TRule rule, in TPrologue prologue, in StagedTensor tensor, long offset, long count, LaneWidth width)
            where T0 : struct, ILaneCode =>
            TRule.States > 1 && tensor.Address(1).NonNegative
                ? BlockTraversal<TRule, TPrologue, TParameter, TGradient, T0, TUnsigned>.Run(rule, prologue, tensor, offset, count, width)
                : BlockTraversal<TRule, TPrologue, TParameter, TGradient, T0, TSigned>.Run(rule, prologue, tensor, offset, count, width);
    }
}
