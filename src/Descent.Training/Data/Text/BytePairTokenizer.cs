using System.Buffers;
using System.Collections.Concurrent;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.ML.Tokenizers;

namespace Descent.Training.Data;

/// <summary>
/// Byte-level byte-pair encoding as in GPT-2: text is cut into words (a space belongs to the word after it), every word starts as its UTF-8
/// bytes, and the pair of neighbours that was learned earliest is merged until none is left.
/// </summary>
/// <remarks>
/// Sennrich, Haddow, Birch: "Neural machine translation of rare words with subword units" (2016); Radford et al.: "Language models are unsupervised
/// multitask learners" (2019) for bytes and the pattern of words. Microsoft.ML.Tokenizers encodes a word; each word is encoded once and then remembered, since a
/// text repeats a few tens of thousands of them. A word of more than 1,024 characters (no language has one, encoded data has) is encoded in parts of that length.
/// </remarks>
public sealed partial class BytePairTokenizer : ITokenizer
{
    // Bounds the memory that remembered words take (about 40 MB); a text with more different words encodes the others each time.
    private const int MaximumWords = 1 << 18;
    private const int MaximumRememberedLength = 64;

    // The library's time grows with the square of a word's length: 2 s for 100,000 letters without a space.
    private const int MaximumWordLength = 1024;

    private readonly BpeTokenizer _library;
    private readonly TokenBytes _table;
    private readonly Dictionary<string, int> _vocabulary;
    private readonly List<string> _merges;
    private readonly ConcurrentDictionary<string, int[]> _words = new();
    private readonly ConcurrentDictionary<string, int[]>.AlternateLookup<ReadOnlySpan<char>> _wordsBySpan;
    private int _remembered;

    /// <summary>Creates a tokenizer from its parts.</summary>
    /// <param name="vocabulary">Entries in GPT-2's byte alphabet with numbers 0, 1, 2 …; all 256 single bytes among them.</param>
    /// <param name="merges">Pairs of entries with a space between, in order of rank.</param>
    /// <param name="source">Where the parts come from, for messages.</param>
    /// <exception cref="BadInputException">A byte is missing, or a merge names or makes an entry that isn't in the vocabulary.</exception>
    internal BytePairTokenizer(Dictionary<string, int> vocabulary, List<string> merges, string source)
    {
        Validate(vocabulary, merges, source);
        byte[][] bytes = new byte[vocabulary.Count][];
        foreach ((string entry, int token) in vocabulary)
        {
            bytes[token] = ByteAlphabet.Read(entry);
        }

        _table = new TokenBytes(bytes);
        _vocabulary = vocabulary;
        _merges = merges;
        _wordsBySpan = _words.GetAlternateLookup<ReadOnlySpan<char>>();
        _library = BpeTokenizer.Create(new BpeOptions(vocabulary) { Merges = merges, ByteLevel = true });
    }

    /// <inheritdoc/>
    public string Name => $"bpe {VocabularySize}";

    /// <inheritdoc/>
    public int VocabularySize => _table.Count;

    /// <inheritdoc/>
    public void Encode(ReadOnlySpan<byte> utf8, IBufferWriter<int> tokens)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        char[] buffer = ArrayPool<char>.Shared.Rent(utf8.Length);
        try
        {
            ReadOnlySpan<char> text = buffer.AsSpan(0, Encoding.UTF8.GetChars(utf8, buffer));
            foreach (ValueMatch word in Words().EnumerateMatches(text))
            {
                ReadOnlySpan<char> rest = text.Slice(word.Index, word.Length);
                while (!rest.IsEmpty)
                {
                    int length = PartLength(rest, MaximumWordLength);
                    tokens.Write(EncodeWord(rest[..length]));
                    rest = rest[length..];
                }
            }
        }
        finally
        {
            ArrayPool<char>.Shared.Return(buffer);
        }
    }

    /// <inheritdoc/>
    public string Decode(ReadOnlySpan<int> tokens) => _table.Decode(tokens);

    /// <inheritdoc/>
    public int ByteLength(int token) => _table[token].Length;

    /// <inheritdoc/>
    public void Save(string folder) => TokenizerFiles.Write(folder, _vocabulary, _merges);

    /// <summary>GPT-2's pattern of words: contractions, letters, digits, other characters, white space.</summary>
    [GeneratedRegex(@"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+", RegexOptions.CultureInvariant)]
    internal static partial Regex Words();

    /// <summary>How much of a word to take at once: all of it, or the maximum without tearing a surrogate pair.</summary>
    /// <param name="word">The rest of a word.</param>
    /// <param name="maximum">Most characters to take, at least 2.</param>
    internal static int PartLength(ReadOnlySpan<char> word, int maximum) =>
        word.Length <= maximum ? word.Length : char.IsHighSurrogate(word[maximum - 1]) ? maximum - 1 : maximum;

    private ReadOnlySpan<int> EncodeWord(ReadOnlySpan<char> word)
    {
        if (_wordsBySpan.TryGetValue(word, out int[]? known))
        {
            return known;
        }

        int[] tokens = [.. _library.EncodeToIds(word, considerPreTokenization: false, considerNormalization: false)];
        if (word.Length <= MaximumRememberedLength && _remembered < MaximumWords && _wordsBySpan.TryAdd(word, tokens))
        {
            Interlocked.Increment(ref _remembered);
        }

        return tokens;
    }

    private static void Validate(Dictionary<string, int> vocabulary, List<string> merges, string source)
    {
        for (int value = 0; value < 256; value++)
        {
            if (!vocabulary.ContainsKey(ByteAlphabet.Write([(byte)value])))
            {
                throw new BadInputException(
                    $"{source}: the vocabulary has no entry for byte {value}; only byte-level tokenizers (GPT-2's kind, all 256 bytes) are read");
            }
        }

        for (int i = 0; i < merges.Count; i++)
        {
            string[] pair = merges[i].Split(' ');
            foreach (string entry in (string[])[pair[0], pair[1], pair[0] + pair[1]])
            {
                if (!vocabulary.ContainsKey(entry))
                {
                    throw new BadInputException($"{source}: merge {i + 1}, '{merges[i]}', needs '{entry}', which the vocabulary doesn't have");
                }
            }
        }
    }
}
