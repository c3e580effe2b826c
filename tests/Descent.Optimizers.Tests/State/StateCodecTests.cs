using System.Text.Json;

namespace Descent.Optimizers.Tests.State;

public sealed class StateCodecTests
{
    public static TheoryData<StateFormat> Formats => [.. Enum.GetValues<StateFormat>()];

    [Theory]
    [InlineData(StateFormat.Float32, 8.0)]
    [InlineData(StateFormat.Bfloat16, 4.0)]
    [InlineData(StateFormat.Int8, 2.03125)]
    [InlineData(StateFormat.Int4, 1.0625)]
    [InlineData(StateFormat.Dynamic8, 2.03125)]
    public void BytesPerElement_OfTwoStates(StateFormat format, double bytes) => Assert.Equal(bytes, 2 * StateCodec.Of(format).BytesPerElement);

    [Theory]
    [MemberData(nameof(Formats))]
    public void Names_AreThoseOfRunFiles(StateFormat format) => Assert.Equal(JsonNamingPolicy.SnakeCaseLower.ConvertName(format.ToString()), StateCodec.Of(format).Name);

    /// <summary>What was decoded is its own code: nothing creeps when a state is saved and loaded again and again.</summary>
    [Theory]
    [MemberData(nameof(Formats))]
    public void Encode_OfDecodedValues_GivesTheSameCodes(StateFormat format)
    {
        foreach (bool nonNegative in (bool[])[false, true])
        {
            float[] values = Values(1000, nonNegative);
            (byte[] codes, float[] scales) = Encode(format, values, nonNegative);
            float[] decoded = Decode(format, codes, scales, values.Length, nonNegative);
            (byte[] again, _) = Encode(format, decoded, nonNegative);
            Assert.Equal(codes, again);
        }
    }

    /// <summary>Half the distance of neighbouring codes, as docs/state-storage.md has them: of the value, or near zero of the block's largest.</summary>
    [Theory]
    [InlineData(StateFormat.Bfloat16, false, 1.0 / 256, 0)]
    [InlineData(StateFormat.Bfloat16, true, 1.0 / 256, 0)]
    [InlineData(StateFormat.Int8, false, 1.0 / 16, 1.0 / (1 << 19))]
    [InlineData(StateFormat.Int8, true, 1.0 / 16, 1e-9)]
    [InlineData(StateFormat.Int4, false, 0.5, 0.5 / 127)]
    [InlineData(StateFormat.Int4, true, 0.5, 1.0 / 32767)]
    public void Decode_StaysWithinHalfAStep(StateFormat format, bool nonNegative, double relative, double absolute)
    {
        float[] values = Values(1000, nonNegative);
        (byte[] codes, float[] scales) = Encode(format, values, nonNegative);
        float[] decoded = Decode(format, codes, scales, values.Length, nonNegative);
        int block = StateCodec.Of(format).BlockElements;
        for (int i = 0; i < values.Length; i++)
        {
            double largest = values.Skip(i / block * block).Take(block).Max(Math.Abs);
            double allowed = 1.00001 * ((relative * Math.Abs(values[i])) + (absolute * largest));
            Assert.True(Math.Abs(values[i] - decoded[i]) <= allowed, $"{values[i]} became {decoded[i]}");
        }
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Encode_OfZeros_GivesZeros(StateFormat format)
    {
        (byte[] codes, float[] scales) = Encode(format, new float[300], nonNegative: true);
        Assert.All(Decode(format, codes, scales, 300, nonNegative: true), static value => Assert.Equal(0, value));
        float[] one = new float[300];
        one[7] = -3;
        (codes, scales) = Encode(format, one, nonNegative: false);
        float[] decoded = Decode(format, codes, scales, 300, nonNegative: false);
        Assert.Equal(-3, decoded[7], 3e-2f);
        Assert.Equal(1, decoded.Count(static value => value != 0));
    }

    /// <summary>A mean of squares that became zero would let Adam divide by ε alone.</summary>
    [Theory]
    [MemberData(nameof(Formats))]
    public void Encode_OfSmallSquares_NeverGivesZero(StateFormat format)
    {
        float[] values = [.. Enumerable.Range(0, 256).Select(static i => MathF.Pow(2, -i / 3f))];
        (byte[] codes, float[] scales) = Encode(format, values, nonNegative: true);
        Assert.All(Decode(format, codes, scales, 256, nonNegative: true), static value => Assert.True(value > 0));
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    public void Encode_OfWhatIsNotFinite_GivesABlockOfNaN(float bad)
    {
        foreach (StateFormat format in (StateFormat[])[StateFormat.Int8, StateFormat.Int4, StateFormat.Dynamic8])
        {
            float[] values = Values(1000, nonNegative: false);
            values[300] = bad;
            (byte[] codes, float[] scales) = Encode(format, values, nonNegative: false);
            float[] decoded = Decode(format, codes, scales, values.Length, nonNegative: false);
            int block = StateCodec.Of(format).BlockElements, begin = 300 / block * block;
            Assert.All(decoded[begin..(begin + block)], static value => Assert.True(float.IsNaN(value)));
            Assert.Equal(values.Length - block, decoded.Count(float.IsFinite));
        }
    }

    [Fact]
    public void DynamicMap_IsThatOfBitsandbytes()
    {
        string path = Path.Combine(Repository.Root, "..", "shared", "data", "golden", "quantization_maps.json");
        foreach (string candidate in (string[])[path, Path.Combine(Repository.Root, "..", path)])
        {
            path = File.Exists(candidate) ? candidate : path;
        }

        Assert.SkipUnless(File.Exists(path), "The recorded maps are not here.");
        using JsonDocument recorded = JsonDocument.Parse(File.ReadAllText(path));
        Compare("dynamic_signed_8bit", nonNegative: false);
        Compare("dynamic_unsigned_8bit", nonNegative: true);

        void Compare(string name, bool nonNegative)
        {
            float[] map = [.. recorded.RootElement.GetProperty(name).EnumerateArray().Select(static value => value.GetSingle())];
            byte[] codes = [.. Enumerable.Range(0, 256).Select(static code => (byte)code)];
            float[] decoded = Decode(StateFormat.Dynamic8, codes, [1f], 256, nonNegative);

            // The recording's equal parts were computed in float, where their middles near 1 are off by a unit.
            Assert.All(map.Zip(decoded), static pair => Assert.Equal(pair.First, pair.Second, Math.Max(2e-7f * Math.Abs(pair.First), 1e-12f)));
        }
    }

    [Fact]
    public void Encode_WithBuffersOfAnotherLength_SaysWhichIsRight() =>
        Assert.Contains("256 and 1", Assert.Throws<ArgumentException>(() => StateCodec.Of(StateFormat.Int8).Encode(new float[10], new byte[10], new float[1], false)).Message, StringComparison.Ordinal);

    [Fact]
    public void SpanOptimizer_WithInt8_StaysNearFloat32_AndHandsItsStatesOver()
    {
        AdamWOptions options = new() { LearningRate = 0.01 };
        SpanOptimizer<float> exact = new(options, ("weight", 5000), ("bias", 10));
        SpanOptimizer<float> encoded = new(options with { StateFormat = StateFormat.Int8 }, ("weight", 5000), ("bias", 10));
        float[] a = new float[5010], b = new float[5010];
        Random random = new(3);
        for (int step = 0; step < 10; step++)
        {
            float[] gradients = [.. Enumerable.Range(0, 5010).Select(_ => random.NextSingle() - 0.5f)];
            exact.Step(a, gradients);
            encoded.Step(b, gradients);
        }

        Assert.Equal(a[5000..], b[5000..]); // the small one is not encoded
        Assert.InRange(a.Zip(b, static (x, y) => Math.Abs(x - y)).Average() / a.Average(Math.Abs), 1e-6, 0.1);
        float[] v = new float[5010];
        encoded.CopyState("exp_avg_sq", v);
        SpanOptimizer<float> next = new(options with { StateFormat = StateFormat.Int8 }, ("weight", 5000), ("bias", 10));
        next.SetState("exp_avg_sq", v);
        float[] again = new float[5010];
        next.CopyState("exp_avg_sq", again);
        Assert.All(v.Zip(again), static pair => Assert.Equal(pair.First, pair.Second, 1e-6f * pair.First));
        Assert.Throws<InvalidOperationException>(() => next.State("exp_avg_sq").Length);
        Assert.Throws<NotSupportedException>(() => new SpanOptimizer<double>(options with { StateFormat = StateFormat.Int8 }, 10));
    }

    internal static (byte[] Codes, float[] Scales) Encode(StateFormat format, float[] values, bool nonNegative)
    {
        StateCodec codec = StateCodec.Of(format);
        byte[] codes = new byte[codec.CodeBytes(values.Length)];
        float[] scales = new float[codec.Scales(values.Length)];
        codec.Encode(values, codes, scales, nonNegative);
        return (codes, scales);
    }

    internal static float[] Decode(StateFormat format, byte[] codes, float[] scales, int length, bool nonNegative)
    {
        float[] values = new float[length];
        StateCodec.Of(format).Decode(codes, scales, values, nonNegative);
        return values;
    }

    /// <summary>Log-normal, as gradients are: magnitudes over several decades.</summary>
    private static float[] Values(int length, bool nonNegative)
    {
        Random random = new(7);
        return [.. Enumerable.Range(0, length).Select(_ =>
        {
            double magnitude = Math.Exp(4 * (random.NextDouble() + random.NextDouble() + random.NextDouble() - 1.5));
            return (float)(nonNegative || random.Next(2) == 0 ? magnitude : -magnitude);
        })];
    }
}
