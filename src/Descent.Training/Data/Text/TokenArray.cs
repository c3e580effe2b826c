using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Descent.Training.Data;

/// <summary>A long run of tokens in the narrowest integers that hold them: one byte a token for 256 of them, two up to 65,536, else four.</summary>
internal sealed class TokenArray
{
    private readonly byte[]? _bytes;
    private readonly ushort[]? _shorts;
    private readonly int[]? _ints;

    /// <summary>Allocates the tokens, all 0.</summary>
    /// <param name="length">How many.</param>
    /// <param name="vocabularySize">Decides how wide each is.</param>
    public TokenArray(int length, int vocabularySize)
    {
        Length = length;
        switch (vocabularySize)
        {
            case <= 1 << 8:
                _bytes = new byte[length];
                break;
            case <= 1 << 16:
                _shorts = new ushort[length];
                break;
            default:
                _ints = new int[length];
                break;
        }
    }

    /// <summary>Tokens held.</summary>
    public int Length { get; }

    /// <summary>Stores tokens from a place on.</summary>
    /// <param name="start">Place of the first.</param>
    /// <param name="tokens">Tokens inside the vocabulary.</param>
    public void Write(int start, ReadOnlySpan<int> tokens)
    {
        if (_bytes is not null)
        {
            Narrow(tokens, _bytes.AsSpan(start));
        }
        else if (_shorts is not null)
        {
            Narrow(tokens, _shorts.AsSpan(start));
        }
        else
        {
            tokens.CopyTo(_ints.AsSpan(start));
        }
    }

    /// <summary>Reads tokens from a place on.</summary>
    /// <param name="start">Place of the first.</param>
    /// <param name="destination">Receives as many as it is long.</param>
    public void Read(int start, Span<long> destination)
    {
        if (_bytes is not null)
        {
            Widen<byte>(_bytes.AsSpan(start, destination.Length), destination);
        }
        else if (_shorts is not null)
        {
            Widen<ushort>(_shorts.AsSpan(start, destination.Length), destination);
        }
        else
        {
            Widen<int>(_ints.AsSpan(start, destination.Length), destination);
        }
    }

    /// <summary>Adds all tokens to a digest.</summary>
    /// <param name="hash">The digest under way.</param>
    public void AppendTo(IncrementalHash hash) => hash.AppendData(
        _bytes is not null ? _bytes : _shorts is not null ? MemoryMarshal.AsBytes<ushort>(_shorts) : MemoryMarshal.AsBytes<int>(_ints));

    private static void Narrow(ReadOnlySpan<int> source, Span<byte> destination)
    {
        for (int i = 0; i < source.Length; i++)
        {
            destination[i] = checked((byte)source[i]);
        }
    }

    private static void Narrow(ReadOnlySpan<int> source, Span<ushort> destination)
    {
        for (int i = 0; i < source.Length; i++)
        {
            destination[i] = checked((ushort)source[i]);
        }
    }

    private static void Widen<T>(ReadOnlySpan<T> source, Span<long> destination)
        where T : unmanaged, System.Numerics.IBinaryInteger<T>
    {
        for (int i = 0; i < source.Length; i++)
        {
            destination[i] = long.CreateTruncating(source[i]);
        }
    }
}
