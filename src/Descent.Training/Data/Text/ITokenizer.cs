using System.Buffers;

namespace Descent.Training.Data;

/// <summary>
/// Text to token numbers and back, without loss: <c>Decode(Encode(text)) == text</c> for every text that has a UTF-8 form. Safe for several
/// threads at once.
/// </summary>
public interface ITokenizer
{
    /// <summary>One or two words for people, such as <c>byte</c> or <c>bpe 4096</c>.</summary>
    string Name { get; }

    /// <summary>How many tokens there are: numbers run from 0 to this, exclusive.</summary>
    int VocabularySize { get; }

    /// <summary>Appends the tokens of a text.</summary>
    /// <param name="utf8">Valid UTF-8, whole characters.</param>
    /// <param name="tokens">Receives the tokens.</param>
    void Encode(ReadOnlySpan<byte> utf8, IBufferWriter<int> tokens);

    /// <summary>The text of the tokens; bytes that form no character (a token may hold part of one) become U+FFFD.</summary>
    /// <param name="tokens">Token numbers.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number isn't in the vocabulary.</exception>
    string Decode(ReadOnlySpan<int> tokens);

    /// <summary>UTF-8 bytes that a token stands for.</summary>
    /// <param name="token">Token number.</param>
    int ByteLength(int token);

    /// <summary>
    /// Writes <c>vocab.json</c> and <c>merges.txt</c>, the format of GPT-2 that other tools read too; <see cref="Tokenizers.Load"/> reads it.
    /// </summary>
    /// <param name="folder">Created where it is missing.</param>
    void Save(string folder);
}
