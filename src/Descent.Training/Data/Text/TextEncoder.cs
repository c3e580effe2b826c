using System.Buffers;

namespace Descent.Training.Data;

/// <summary>Encodes long texts on all cores, with the same tokens as in one piece.</summary>
internal static class TextEncoder
{
    // Long enough that starting a piece costs nothing, short enough to keep all cores busy to the end.
    private const int PieceBytes = 1 << 18;

    /// <summary>Encodes texts, one after the other.</summary>
    /// <param name="texts">Valid UTF-8.</param>
    /// <param name="tokenizer">The tokenizer.</param>
    public static TokenArray Encode(IReadOnlyList<ReadOnlyMemory<byte>> texts, ITokenizer tokenizer)
    {
        List<ReadOnlyMemory<byte>> pieces = [.. texts.SelectMany(text => Cut(text))];
        int[][] encoded = new int[pieces.Count][];
        Parallel.For(0, pieces.Count, i =>
        {
            var tokens = new ArrayBufferWriter<int>(Math.Max(16, pieces[i].Length / 2));
            tokenizer.Encode(pieces[i].Span, tokens);
            encoded[i] = tokens.WrittenSpan.ToArray();
        });

        var all = new TokenArray(encoded.Sum(tokens => tokens.Length), tokenizer.VocabularySize);
        int start = 0;
        foreach (int[] tokens in encoded)
        {
            all.Write(start, tokens);
            start += tokens.Length;
        }

        return all;
    }

    /// <summary>
    /// Cuts a text before line feeds that a visible ASCII character follows: there, the pattern of words always ends one and begins another, so
    /// that the pieces have the tokens of the whole.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <param name="pieceBytes">About how many bytes a piece has.</param>
    internal static IEnumerable<ReadOnlyMemory<byte>> Cut(ReadOnlyMemory<byte> text, int pieceBytes = PieceBytes)
    {
        while (text.Length > pieceBytes)
        {
            int cut = FindCut(text.Span[pieceBytes..]);
            if (cut < 0)
            {
                break;
            }

            yield return text[..(pieceBytes + cut)];
            text = text[(pieceBytes + cut)..];
        }

        yield return text;
    }

    private static int FindCut(ReadOnlySpan<byte> text)
    {
        for (int place = 0; place + 1 < text.Length;)
        {
            int next = text[place..].IndexOf((byte)'\n');
            if (next < 0 || place + next + 1 == text.Length)
            {
                return -1;
            }

            place += next;
            if (text[place + 1] is > (byte)' ' and <= (byte)'~')
            {
                return place;
            }

            place++;
        }

        return -1;
    }
}
