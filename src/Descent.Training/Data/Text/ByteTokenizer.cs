using System.Buffers;

namespace Descent.Training.Data;

/// <summary>Every byte of the UTF-8 text is a token: 256 of them, nothing to train, nothing to store.</summary>
public sealed class ByteTokenizer : ITokenizer
{
    private static readonly TokenBytes Table = new([.. Enumerable.Range(0, 256).Select(value => new[] { (byte)value })]);

    /// <inheritdoc/>
    public string Name => "byte";

    /// <inheritdoc/>
    public int VocabularySize => Table.Count;

    /// <inheritdoc/>
    public void Encode(ReadOnlySpan<byte> utf8, IBufferWriter<int> tokens)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        Span<int> destination = tokens.GetSpan(Math.Max(1, utf8.Length));
        for (int i = 0; i < utf8.Length; i++)
        {
            destination[i] = utf8[i];
        }

        tokens.Advance(utf8.Length);
    }

    /// <inheritdoc/>
    public string Decode(ReadOnlySpan<int> tokens) => Table.Decode(tokens);

    /// <inheritdoc/>
    public int ByteLength(int token) => Table[token].Length;

    /// <inheritdoc/>
    public void Save(string folder) => TokenizerFiles.Write(folder, ByteAlphabet.Vocabulary(), merges: []);
}
