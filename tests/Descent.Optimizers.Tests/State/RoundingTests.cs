namespace Descent.Optimizers.Tests.State;

/// <summary>Stochastic rounding, seen from outside: through steps of a rule over encoded states and bfloat16 parameters.</summary>
public sealed unsafe class RoundingTests
{
    private const int Length = 4096;

    /// <summary>
    /// v ← 0.999 v + 0.001 g² with g² = 4 v: to nearest, no format here would ever move. After 300 steps v is 1 + 3·(1 − 0.999³⁰⁰) = 1.778 times
    /// itself; the mean over 4,096 elements has it within 3 % (its own spread is about 25 % for int8, over √4096).
    /// </summary>
    [Theory]
    [InlineData(StateFormat.Bfloat16)]
    [InlineData(StateFormat.Int8)]
    [InlineData(StateFormat.Int4)]
    public void SlowMean_GoesOnMoving(StateFormat format)
    {
        StateCodec codec = StateCodec.Of(format);
        float[] v = [.. Enumerable.Range(0, Length).Select(static i => i % 128 == 0 ? 1f : 0.003f + (i % 61 * 0.005f))];
        byte[] m = new byte[codec.CodeBytes(Length)], codes = new byte[codec.CodeBytes(Length)];
        float[] mScales = new float[codec.Scales(Length)], scales = new float[codec.Scales(Length)];
        codec.Encode(v, codes, scales, nonNegative: true);
        codec.Decode(codes, scales, v, nonNegative: true);
        float[] p = new float[Length], g = [.. v.Select(static value => 2 * MathF.Sqrt(value))];
        AdamWOptions options = new() { WeightDecay = 0 };
        UpdateKernel kernel = options.CreateKernel();
        fixed (byte* mc = m, vc = codes)
        fixed (float* ms = mScales, vs = scales, pp = p, gg = g)
        {
            TensorSlot slot = new() { Parameter = pp, Gradient = gg, State0 = mc, State1 = vc, Scales0 = ms, Scales1 = vs, Length = Length, Format = format, Key = 3 };
            for (long step = 1; step <= 300; step++)
            {
                kernel.Update([slot], ElementType.Float32, options.Scalars(step), SingleThread.Instance);
            }
        }

        float[] after = new float[Length];
        codec.Decode(codes, scales, after, nonNegative: true);
        double ratio = after.Zip(v, static (a, b) => (double)a / b).Average();
        Assert.InRange(ratio, 1.778 * 0.97, 1.778 * 1.03);
    }

    /// <summary>
    /// 1,000 steps of a hundredth of bfloat16's unit at 1: to nearest none would be taken. Each element's walk ends at 1 − 10/128 with a deviation of
    /// √(1000·0.01·0.99)/128 = 3.1/128, their mean within 5 of its own, 3.1/128/√4096.
    /// </summary>
    [Fact]
    public void SmallSteps_OfBfloat16Parameters_AddUp()
    {
        ushort[] p = [.. Enumerable.Repeat((ushort)0x3F80, Length)]; // 1
        float[] g = [.. Enumerable.Repeat(1f, Length)];
        SgdOptions options = new() { LearningRate = 0.01 / 256 }; // below 1 the unit is 1/256
        UpdateKernel kernel = options.CreateKernel();
        fixed (ushort* pp = p)
        fixed (float* gg = g)
        {
            TensorSlot slot = new() { Parameter = pp, Gradient = gg, GradientType = ElementType.Float32, Length = Length, Key = TensorSlot.KeyOf("weight") };
            for (long step = 1; step <= 1000; step++)
            {
                kernel.Update([slot], ElementType.Bfloat16, options.Scalars(step), SingleThread.Instance);
            }
        }

        double[] values = [.. p.Select(static bits => (double)BitConverter.UInt32BitsToSingle((uint)bits << 16))];
        Assert.Equal(1 - (10.0 / 256), values.Average(), 5 * 3.15 / 256 / 64);

        // Neighbours walk independently: the deviation of sums of two is √2 of one's, 5 % for 2,048 pairs.
        double deviation = Deviation(values);
        Assert.Equal(3.15 / 256, deviation, 0.1 * 3.15 / 256);
        double[] pairs = [.. values.Chunk(2).Select(static pair => pair[0] + pair[1])];
        Assert.Equal(Math.Sqrt(2), Deviation(pairs) / deviation, 0.1);
    }

    private static double Deviation(double[] values)
    {
        double mean = values.Average();
        return Math.Sqrt(values.Average(value => (value - mean) * (value - mean)));
    }
}
