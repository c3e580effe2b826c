using System.Runtime.CompilerServices;
using Descent.Optimizers;
using ILGPU;

namespace Descent.Gpu;

/// <summary>
/// The one kernel: every block takes a piece of a tensor, every thread four elements at a turn. ILGPU compiles it once for each rule and prologue.
/// </summary>
internal static class UpdateTensors<TRule, TPrologue>
    where TRule : struct, IRule
    where TPrologue : struct, IPrologue<TPrologue>
{
    private const int ElementBytes = sizeof(float);
    private const int Wide = 4;

    /// <param name="tensors">Address of the <see cref="TensorEntry"/> table.</param>
    /// <param name="pieces">Address of one <see cref="Piece"/> for each block.</param>
    /// <param name="rule">The rule of this step.</param>
    /// <param name="step">The prologue of this step, to which a tensor's own gradient scale comes.</param>
    public static void Run(long tensors, long pieces, TRule rule, TPrologue step)
    {
        long piece = pieces + ((long)Grid.IdxX * Piece.Bytes);
        long tensor = tensors + ((long)Device.LoadInt32(piece) * TensorEntry.Bytes);
        long start = (long)Device.LoadInt32(piece + Piece.NumberAt) * Piece.Elements;
        long left = Device.LoadInt64(tensor + TensorEntry.LengthAt) - start;
        int count = left < Piece.Elements ? (int)left : Piece.Elements;

        long offset = start * ElementBytes;
        long p = Device.LoadInt64(tensor) + offset;
        long g = Device.LoadInt64(tensor + TensorEntry.GradientAt) + offset;
        long s0 = TRule.States > 0 ? Device.LoadInt64(tensor + TensorEntry.State0At) + offset : 0;
        long s1 = TRule.States > 1 ? Device.LoadInt64(tensor + TensorEntry.State1At) + offset : 0;
        long s2 = TRule.States > 2 ? Device.LoadInt64(tensor + TensorEntry.State2At) + offset : 0;
        long s3 = TRule.States > 3 ? Device.LoadInt64(tensor + TensorEntry.State3At) + offset : 0;
        TPrologue prologue = step.Times(Device.LoadDouble(tensor + TensorEntry.ScaleAt));

        int wide = Device.LoadInt32(tensor + TensorEntry.AlignedAt) != 0 ? count / Wide * Wide : 0;
        for (int i = Group.IdxX * Wide; i < wide; i += Group.DimX * Wide)
        {
            long at = (long)i * ElementBytes;
            Float4 parameter = Device.Load4(p + at);
            Float4 gradient = Device.Load4(g + at);
            Float4 state0 = TRule.States > 0 ? Device.Load4(s0 + at) : default;
            Float4 state1 = TRule.States > 1 ? Device.Load4(s1 + at) : default;
            Float4 state2 = TRule.States > 2 ? Device.Load4(s2 + at) : default;
            Float4 state3 = TRule.States > 3 ? Device.Load4(s3 + at) : default;
            Update(rule, prologue, ref parameter.X, gradient.X, ref state0.X, ref state1.X, ref state2.X, ref state3.X);
            Update(rule, prologue, ref parameter.Y, gradient.Y, ref state0.Y, ref state1.Y, ref state2.Y, ref state3.Y);
            Update(rule, prologue, ref parameter.Z, gradient.Z, ref state0.Z, ref state1.Z, ref state2.Z, ref state3.Z);
            Update(rule, prologue, ref parameter.W, gradient.W, ref state0.W, ref state1.W, ref state2.W, ref state3.W);
            Device.Store4(p + at, parameter);
            if (TRule.States > 0)
            {
                Device.Store4(s0 + at, state0);
            }

            if (TRule.States > 1)
            {
                Device.Store4(s1 + at, state1);
            }

            if (TRule.States > 2)
            {
                Device.Store4(s2 + at, state2);
            }

            if (TRule.States > 3)
            {
                Device.Store4(s3 + at, state3);
            }
        }

        for (int i = wide + Group.IdxX; i < count; i += Group.DimX)
        {
            long at = (long)i * ElementBytes;
            float parameter = Device.Load(p + at);
            float gradient = Device.Load(g + at);
            float state0 = TRule.States > 0 ? Device.Load(s0 + at) : 0;
            float state1 = TRule.States > 1 ? Device.Load(s1 + at) : 0;
            float state2 = TRule.States > 2 ? Device.Load(s2 + at) : 0;
            float state3 = TRule.States > 3 ? Device.Load(s3 + at) : 0;
            Update(rule, prologue, ref parameter, gradient, ref state0, ref state1, ref state2, ref state3);
            Device.Store(p + at, parameter);
            if (TRule.States > 0)
            {
                Device.Store(s0 + at, state0);
            }

            if (TRule.States > 1)
            {
                Device.Store(s1 + at, state1);
            }

            if (TRule.States > 2)
            {
                Device.Store(s2 + at, state2);
            }

            if (TRule.States > 3)
            {
                Device.Store(s3 + at, state3);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Update(
        TRule rule, TPrologue prologue, ref float p, float g, ref float s0, ref float s1, ref float s2, ref float s3)
    {
        var parameter = new GpuLane(p);
        var gradient = new GpuLane(g);
        var state0 = new GpuLane(s0);
        var state1 = new GpuLane(s1);
        var state2 = new GpuLane(s2);
        var state3 = new GpuLane(s3);
        prologue.Apply(ref parameter, ref gradient);
        rule.Update(ref parameter, gradient, ref state0, ref state1, ref state2, ref state3);
        p = parameter.Value;
        s0 = state0.Value;
        s1 = state1.Value;
        s2 = state2.Value;
        s3 = state3.Value;
    }
}
