namespace Descent.Optimizers;

/// <summary>
/// How values of a state become bytes and come back. Values are cut into blocks; a block is its codes, and for the small formats one scale: the block's
/// largest magnitude belongs to the largest code. Storage is whole blocks, what lies behind the last element is zero.
/// </summary>
/// <remarks>
/// A block with a NaN or an infinity in it decodes to NaN as a whole: what went wrong stays visible. Two codecs hand states to each other through floats,
/// <see cref="Decode(ReadOnlySpan{byte}, ReadOnlySpan{float}, Span{float}, bool)"/> then <see cref="Encode(ReadOnlySpan{float}, Span{byte}, Span{float}, bool)"/>.
/// </remarks>
public abstract class StateCodec
{
    private protected StateCodec(StateFormat format, int blockElements, int blockBytes, bool scaled) =>
        (Format, BlockElements, BlockBytes, HasScales) = (format, blockElements, blockBytes, scaled);

    /// <summary>Every codec, in the order of <see cref="StateFormat"/>.</summary>
    public static IReadOnlyList<StateCodec> All { get; } =
    [
        new Float32Codec(),
        new Bfloat16Codec(),
        new BlockCodec<ByteCode<Signed8>, ByteCode<Unsigned8>>(StateFormat.Int8),
        new BlockCodec<NibbleCode<Signed4>, NibbleCode<Unsigned4>>(StateFormat.Int4),
        new BlockCodec<DynamicCode<SignedMap>, DynamicCode<UnsignedMap>>(StateFormat.Dynamic8),
    ];

    /// <summary>The format.</summary>
    public StateFormat Format { get; }

    /// <summary>Its name in run files and optimizer files: <c>float32</c>, <c>bfloat16</c>, <c>int8</c>, <c>int4</c>, <c>dynamic8</c>.</summary>
    public string Name => Format.ToString().ToLowerInvariant();

    /// <summary>Elements that share a scale; 1 where there is none.</summary>
    public int BlockElements { get; }

    /// <summary>Bytes of a block's codes.</summary>
    public int BlockBytes { get; }

    /// <summary>Whether a block has a scale, a float.</summary>
    public bool HasScales { get; }

    /// <summary>Bytes an element of a long tensor, scales included.</summary>
    public double BytesPerElement => (BlockBytes + (HasScales ? sizeof(float) : 0)) / (double)BlockElements;

    /// <summary>The codec of a format.</summary>
    /// <param name="format">The format.</param>
    public static StateCodec Of(StateFormat format) => (uint)format < (uint)All.Count
        ? All[(int)format]
        : throw new ArgumentOutOfRangeException(nameof(format), format, $"There is no state format {format}; allowed: {string.Join(", ", Enum.GetNames<StateFormat>())}.");

    /// <summary>Blocks of a tensor.</summary>
    /// <param name="length">Its elements.</param>
    public long Blocks(long length) => (length + BlockElements - 1) / BlockElements;

    /// <summary>Bytes of a tensor's codes.</summary>
    /// <param name="length">Its elements.</param>
    public long CodeBytes(long length) => Blocks(length) * BlockBytes;

    /// <summary>Scales of a tensor.</summary>
    /// <param name="length">Its elements.</param>
    public long Scales(long length) => HasScales ? Blocks(length) : 0;

    /// <summary>Stores values, each rounded to the nearest.</summary>
    /// <param name="values">The values.</param>
    /// <param name="codes">Receives <see cref="CodeBytes"/> bytes.</param>
    /// <param name="scales">Receives <see cref="Scales"/> scales.</param>
    /// <param name="nonNegative">Whether the state is never below zero (<see cref="StateTensor.NonNegative"/>).</param>
    /// <exception cref="ArgumentException">A buffer has another length.</exception>
    public unsafe void Encode(ReadOnlySpan<float> values, Span<byte> codes, Span<float> scales, bool nonNegative)
    {
        Check(values.Length, codes.Length, scales.Length);
        fixed (float* v = values, s = scales)
        fixed (byte* c = codes)
        {
            Encode(v, values.Length, c, s, nonNegative);
        }
    }

    /// <summary>Reads values back.</summary>
    /// <param name="codes">The codes.</param>
    /// <param name="scales">The scales.</param>
    /// <param name="values">Receives the values.</param>
    /// <param name="nonNegative">As they were encoded.</param>
    /// <exception cref="ArgumentException">A buffer has another length.</exception>
    public unsafe void Decode(ReadOnlySpan<byte> codes, ReadOnlySpan<float> scales, Span<float> values, bool nonNegative)
    {
        Check(values.Length, codes.Length, scales.Length);
        fixed (float* v = values, s = scales)
        fixed (byte* c = codes)
        {
            Decode(c, s, v, values.Length, nonNegative);
        }
    }

    /// <summary>The same over plain addresses.</summary>
    internal unsafe void Encode(float* values, long length, byte* codes, float* scales, bool nonNegative)
    {
        float* buffer = stackalloc float[StagedBlock.Elements];
        for (long offset = 0; offset < length; offset += StagedBlock.Elements)
        {
            int count = (int)Math.Min(StagedBlock.Elements, length - offset);
            new Span<float>(values + offset, count).CopyTo(new Span<float>(buffer, count));
            new Span<float>(buffer + count, StagedBlock.Elements - count).Clear();
            Write(buffer, new StateAddress(codes, scales, nonNegative), offset, count);
        }
    }

    /// <summary>The same over plain addresses.</summary>
    internal unsafe void Decode(byte* codes, float* scales, float* values, long length, bool nonNegative)
    {
        float* buffer = stackalloc float[StagedBlock.Elements];
        for (long offset = 0; offset < length; offset += StagedBlock.Elements)
        {
            int count = (int)Math.Min(StagedBlock.Elements, length - offset);
            Read(new StateAddress(codes, scales, nonNegative), offset, count, buffer, LaneWidth.Widest);
            new Span<float>(buffer, count).CopyTo(new Span<float>(values + offset, count));
        }
    }

    /// <summary>Decodes some blocks, at most a <see cref="StagedBlock"/>, into a buffer for whole blocks.</summary>
    /// <param name="state">Where the tensor's state lies.</param>
    /// <param name="offset">The first element, of whose block it is the first.</param>
    /// <param name="count">Elements.</param>
    /// <param name="values">Receives the values.</param>
    /// <param name="width">The widest register to use.</param>
    internal abstract unsafe void Read(in StateAddress state, long offset, int count, float* values, LaneWidth width);

    /// <summary>Encodes what <see cref="Read"/> decoded.</summary>
    /// <param name="values">The values, in a buffer for whole blocks.</param>
    /// <param name="state">Where the tensor's state lies.</param>
    /// <param name="offset">The first element.</param>
    /// <param name="count">Elements.</param>
    /// <param name="rounding">The rounding from the first element on.</param>
    /// <param name="width">The widest register to use.</param>
    internal abstract unsafe void Write(float* values, in StateAddress state, long offset, int count, StochasticRounding rounding, LaneWidth width);

    /// <summary>The same with rounding to nearest.</summary>
    internal abstract unsafe void Write(float* values, in StateAddress state, long offset, int count);

    private void Check(long length, long codes, long scales)
    {
        if (codes != CodeBytes(length) || scales != Scales(length))
        {
            throw new ArgumentException(
                $"{length} values were given with {codes} bytes of codes and {scales} scales; as {Name} they have {CodeBytes(length)} and {Scales(length)}.");
        }
    }
}

/// <summary>Where a tensor's state lies.</summary>
internal readonly unsafe struct StateAddress(byte* codes, float* scales, bool nonNegative)
{
    public readonly byte* Codes = codes;
    public readonly float* Scales = scales;
    public readonly bool NonNegative = nonNegative;
}

/// <summary>What is decoded at once, so that a few streams of it stay in the first cache.</summary>
internal static class StagedBlock
{
    /// <summary>A multiple of every codec's block; 4 KiB of floats.</summary>
    public const int Elements = 1024;
}
