using System.Text;

namespace Descent.Training.Data;

/// <summary>
/// GPT-2's way of writing any byte as one visible character, used in <c>vocab.json</c> and <c>merges.txt</c>: printable Latin-1 characters stand for
/// themselves, the other 68 bytes for U+0100 and what follows, in order (a space is Ġ).
/// </summary>
internal static class ByteAlphabet
{
    private static readonly char[] Characters = BuildCharacters();
    private static readonly Dictionary<char, byte> Bytes = Enumerable.Range(0, 256).ToDictionary(value => Characters[value], value => (byte)value);

    /// <summary>The vocabulary of the 256 single bytes, each numbered by its value.</summary>
    public static Dictionary<string, int> Vocabulary() => Enumerable.Range(0, 256).ToDictionary(value => Write([(byte)value]));

    /// <summary>The characters that stand for the bytes.</summary>
    /// <param name="bytes">Any bytes.</param>
    public static string Write(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder(bytes.Length);
        foreach (byte value in bytes)
        {
            text.Append(Characters[value]);
        }

        return text.ToString();
    }

    /// <summary>The bytes that a vocabulary entry stands for.</summary>
    /// <param name="text">An entry; one with a character outside the alphabet (a special token) stands for its own UTF-8.</param>
    public static byte[] Read(string text)
    {
        byte[] bytes = new byte[text.Length];
        for (int i = 0; i < text.Length; i++)
        {
            if (!Bytes.TryGetValue(text[i], out bytes[i]))
            {
                return Encoding.UTF8.GetBytes(text);
            }
        }

        return bytes;
    }

    private static char[] BuildCharacters()
    {
        char[] characters = new char[256];
        char next = '\u0100';
        for (int value = 0; value < 256; value++)
        {
            bool visible = value is (>= '!' and <= '~') or (>= '¡' and <= '¬') or (>= '®' and <= 'ÿ');
            characters[value] = visible ? (char)value : next++;
        }

        return characters;
    }
}
