namespace Descent.Optimizers;

/// <summary>bfloat16, an element a block.</summary>
internal sealed class Bfloat16Codec() : StateCodec(StateFormat.Bfloat16, 1, sizeof(ushort), scaled: false)
{
    internal override unsafe void Read(in StateAddress state, long offset, int count, float* values, LaneWidth width) =>
        Bfloat16Stream.Read((ushort*)state.Codes + offset, count, values, width);

    internal override unsafe void Write(float* values, in StateAddress state, long offset, int count, StochasticRounding rounding, LaneWidth width) =>
        Bfloat16Stream.Write(values, (ushort*)state.Codes + offset, count, rounding, width);

    internal override unsafe void Write(float* values, in StateAddress state, long offset, int count) =>
        Bfloat16Stream.Write(values, (ushort*)state.Codes + offset, count, default(NearestRounding), LaneWidth.Widest);
}

/// <summary>Floats as they are, an element a block; kernels work on them in place.</summary>
internal sealed class Float32Codec() : StateCodec(StateFormat.Float32, 1, sizeof(float), scaled: false)
{
    internal override unsafe void Read(in StateAddress state, long offset, int count, float* values, LaneWidth width) =>
        new Span<float>((float*)state.Codes + offset, count).CopyTo(new Span<float>(values, count));

    internal override unsafe void Write(float* values, in StateAddress state, long offset, int count, StochasticRounding rounding, LaneWidth width) =>
        Write(values, state, offset, count);

    internal override unsafe void Write(float* values, in StateAddress state, long offset, int count) =>
        new Span<float>(values, count).CopyTo(new Span<float>((float*)state.Codes + offset, count));
}
