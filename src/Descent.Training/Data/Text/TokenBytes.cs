using System.Buffers;
using System.Text;

namespace Descent.Training.Data;

/// <summary>The bytes of every token of a vocabulary: all that decoding and counting need.</summary>
internal sealed class TokenBytes
{
    private readonly byte[][] _bytes;

    /// <summary>Keeps the table.</summary>
    /// <param name="bytes">Bytes by token number.</param>
    public TokenBytes(byte[][] bytes) => _bytes = bytes;

    /// <summary>Tokens in the vocabulary.</summary>
    public int Count => _bytes.Length;

    /// <summary>Bytes of one token.</summary>
    /// <param name="token">Token number.</param>
    public ReadOnlySpan<byte> this[int token] => (uint)token < (uint)_bytes.Length
        ? _bytes[token]
        : throw new ArgumentOutOfRangeException(nameof(token), token, $"The vocabulary has the tokens 0 to {_bytes.Length - 1}");

    /// <summary>Text of a sequence of tokens, U+FFFD where their bytes form no character.</summary>
    /// <param name="tokens">Token numbers.</param>
    public string Decode(ReadOnlySpan<int> tokens)
    {
        var text = new ArrayBufferWriter<byte>(Math.Max(16, tokens.Length * 4));
        foreach (int token in tokens)
        {
            text.Write(this[token]);
        }

        return Encoding.UTF8.GetString(text.WrittenSpan);
    }
}
