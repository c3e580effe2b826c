using System.Buffers;
using System.Text;

namespace Descent.Training.Data;

/// <summary>What all tokenizers share.</summary>
public static class Tokenizers
{
    /// <summary>Reads a tokenizer that <see cref="ITokenizer.Save"/> or another tool wrote in GPT-2's format.</summary>
    /// <param name="folder">The folder with <c>vocab.json</c> and <c>merges.txt</c>, or one of the two files.</param>
    /// <exception cref="BadInputException">A file is missing or isn't what it should be.</exception>
    public static ITokenizer Load(string folder)
    {
        (Dictionary<string, int> vocabulary, List<string> merges) = TokenizerFiles.Read(folder);
        bool bytesOnly = merges.Count == 0 && vocabulary.Count == 256
            && vocabulary.All(entry => ByteAlphabet.Read(entry.Key) is [var value] && value == entry.Value);
        return bytesOnly ? new ByteTokenizer() : new BytePairTokenizer(vocabulary, merges, folder);
    }

    /// <summary>The tokens of a text.</summary>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="text">Any text; half a surrogate pair becomes U+FFFD.</param>
    public static int[] Encode(this ITokenizer tokenizer, string text)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        var tokens = new ArrayBufferWriter<int>(Math.Max(16, text.Length));
        tokenizer.Encode(Encoding.UTF8.GetBytes(text), tokens);
        return tokens.WrittenSpan.ToArray();
    }
}
