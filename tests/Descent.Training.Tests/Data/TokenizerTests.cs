using System.Buffers;
using System.Text;
using CsCheck;
using Descent.Training.Data;
using Microsoft.ML.Tokenizers;

namespace Descent.Training.Tests.Data;

public sealed class TokenizerTests : IDisposable
{
    private const string Sample = """
        Opens a text file, reads all lines of the file, and then closes the file. It's the file's path that we'll open; they've 1,024 bytes.
        Öffnet eine Datei – naïve café, 東京, Привет, 🎉🎉 and 12345 67890.


            Indented,	tabbed, and    spaced out.  
        """;

    private static readonly BytePairTokenizer Trained = BpeTrainer.Train([Encoding.UTF8.GetBytes(Sample)], 300);

    /// <summary>Any text with a UTF-8 form: words, white space, letters of many scripts, emoji, control characters.</summary>
    private static readonly Gen<string> Texts = Gen.OneOf(
        Gen.String,
        Gen.OneOf(" ", "\n", "\r\n", "\t", "the", " file", "'s", "'ll", "é", "東", "🎉", "\u200D", "\0", "9", "!?", "\u00A0").Array[0, 40].Select(string.Concat))
        .Select(text => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)));

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Decode_OfAnyEncodedText_GivesItBack()
    {
        ITokenizer[] tokenizers = [new ByteTokenizer(), Trained];
        Texts.Sample(text =>
        {
            foreach (ITokenizer tokenizer in tokenizers)
            {
                int[] tokens = tokenizer.Encode(text);
                Assert.Equal(text, tokenizer.Decode(tokens));
                Assert.Equal(Encoding.UTF8.GetByteCount(text), tokens.Sum(tokenizer.ByteLength));
            }
        }, iter: 2000);
    }

    /// <summary>Words longer than any part, with surrogate pairs at every offset to the cut.</summary>
    [Fact]
    public void Encode_OfVeryLongWords_LosesNothing()
    {
        for (int offset = 0; offset < 4; offset++)
        {
            string text = new string('a', offset) + string.Concat(Enumerable.Repeat("🎉", 3000)) + new string('b', 5000);
            BytePairTokenizer tokenizer = BpeTrainer.Train([Encoding.UTF8.GetBytes(text)], 300);
            Assert.Equal(text, tokenizer.Decode(tokenizer.Encode(text)));
            Assert.Equal(text, Trained.Decode(Trained.Encode(text)));
        }
    }

    [Fact]
    public void Encode_WithBytePairs_MergesInTheOrderLearned()
    {
        Trained.Save(_folder.Path);
        (Dictionary<string, int> vocabulary, List<string> merges) = TokenizerFiles.Read(_folder.Path);
        Texts.Sample(text => Assert.Equal(EncodeByTheBook(text, vocabulary, merges), Trained.Encode(text)), iter: 1000);
    }

    [Fact]
    public void Encode_WordByWord_EqualsTheLibrarysWholePipeline()
    {
        Trained.Save(_folder.Path);
        BpeTokenizer library = BpeTokenizer.Create(new BpeOptions(_folder.File("vocab.json"), _folder.File("merges.txt"))
        {
            ByteLevel = true,
            PreTokenizer = RobertaPreTokenizer.Instance,
        });
        Assert.Equal(library.EncodeToIds(Sample), Trained.Encode(Sample));
    }

    [Fact]
    public void Encode_InPieces_EqualsTheWhole() => Texts.Array[1, 30].Sample(texts =>
    {
        byte[] whole = Encoding.UTF8.GetBytes(string.Join('\n', texts));
        var pieces = new ArrayBufferWriter<int>();
        foreach (ReadOnlyMemory<byte> piece in TextEncoder.Cut(whole, pieceBytes: 20))
        {
            Trained.Encode(piece.Span, pieces);
        }

        var atOnce = new ArrayBufferWriter<int>();
        Trained.Encode(whole, atOnce);
        Assert.Equal(atOnce.WrittenSpan, pieces.WrittenSpan);
    }, iter: 500);

    /// <summary>The trainer's bookkeeping against recounting everything after every merge, on texts full of ties and runs.</summary>
    [Fact]
    public void Train_OnAnyText_EqualsCountingAfresh() =>
        Gen.Select(Gen.OneOf('a', 'b', 'c', ' ', '1').Array[0, 120], Gen.Int[256, 300]).Sample((characters, size) =>
        {
            string text = new(characters);
            List<string> merges = TrainByTheBook(text, size);
            BytePairTokenizer tokenizer = BpeTrainer.Train([Encoding.UTF8.GetBytes(text)], size);
            tokenizer.Save(_folder.Path);
            Assert.Equal(merges, File.ReadAllLines(_folder.File("merges.txt")).Skip(1));
        }, iter: 300, threads: 1);

    [Fact]
    public void Train_OnManyTextsAtOnce_GivesTheSameEveryTime()
    {
        ReadOnlyMemory<byte>[] texts = [.. Enumerable.Range(0, 64).Select(i => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(Sample[(i % 50)..]))];
        string[] files = [.. new[] { "a", "b" }.Select(name =>
        {
            BpeTrainer.Train(texts, 400).Save(_folder.File(name));
            return File.ReadAllText(Path.Combine(_folder.File(name), "vocab.json")) + File.ReadAllText(Path.Combine(_folder.File(name), "merges.txt"));
        })];
        Assert.Equal(files[0], files[1]);
    }

    [Fact]
    public void Load_OfASavedTokenizer_EncodesAlike()
    {
        foreach (ITokenizer tokenizer in (ITokenizer[])[new ByteTokenizer(), Trained])
        {
            tokenizer.Save(_folder.Path);
            ITokenizer loaded = Tokenizers.Load(_folder.File("vocab.json"));
            Assert.IsType(tokenizer.GetType(), loaded);
            Assert.Equal(tokenizer.VocabularySize, loaded.VocabularySize);
            Assert.Equal(tokenizer.Encode(Sample), loaded.Encode(Sample));
        }
    }

    [Theory]
    [InlineData("{", "#version: 0.2\n", "vocab.json, line 1: not a JSON object")]
    [InlineData("""{"a": 0, "b": 2}""", "", "the numbers of the 2 entries are not 0, 1, 2")]
    [InlineData("""{"a": 0, "b": 1}""", "", "the vocabulary has no entry for byte 0")]
    [InlineData(null, "#version: 0.2\na b c\n", "merges.txt, line 2: 'a b c' is not two entries")]
    [InlineData(null, "#version: 0.2\na b\n", "merge 1, 'a b', needs 'ab', which the vocabulary doesn't have")]
    public void Load_OfBadFiles_SaysWhereAndWhat(string? vocabulary, string merges, string message)
    {
        new ByteTokenizer().Save(_folder.Path);
        if (vocabulary is not null)
        {
            _folder.Write("vocab.json", vocabulary);
        }

        _folder.Write("merges.txt", merges);
        var exception = Assert.Throws<BadInputException>(() => Tokenizers.Load(_folder.Path));
        Assert.Contains(message, exception.Message, StringComparison.Ordinal);
        Assert.Contains(_folder.Path, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_OfAnUnknownName_NamesWhatIsAllowed()
    {
        var exception = Assert.Throws<BadInputException>(() => Tokenizers.Load("sentencepiece"));
        Assert.Contains("sentencepiece/vocab.json does not exist; allowed are 'byte', 'bpe' or a folder", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Decode_OfUnknownTokens_IsRefused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Trained.Decode([Trained.VocabularySize]));
        Assert.Throws<ArgumentOutOfRangeException>(() => Trained.ByteLength(-1));
    }

    private static List<int[]> Words(string text) =>
        [.. BytePairTokenizer.Words().Matches(text).Select(word => Array.ConvertAll(Encoding.UTF8.GetBytes(word.Value), value => (int)value))];

    private static int[] EncodeByTheBook(string text, Dictionary<string, int> vocabulary, List<string> merges)
    {
        List<int> tokens = [];
        foreach (int[] word in Words(text))
        {
            List<string> symbols = [.. word.Select(value => ByteAlphabet.Write([(byte)value]))];
            foreach (string merge in merges)
            {
                for (int i = 0; i + 1 < symbols.Count; i++)
                {
                    if ($"{symbols[i]} {symbols[i + 1]}" == merge)
                    {
                        symbols[i] += symbols[i + 1];
                        symbols.RemoveAt(i + 1);
                    }
                }
            }

            tokens.AddRange(symbols.Select(symbol => vocabulary[symbol]));
        }

        return [.. tokens];
    }

    private static List<string> TrainByTheBook(string text, int size)
    {
        List<List<int>> words = [.. Words(text).Select(word => word.ToList())];
        List<string> entries = [.. Enumerable.Range(0, 256).Select(value => ByteAlphabet.Write([(byte)value]))];
        List<string> merges = [];
        while (entries.Count < size)
        {
            var pairs = words.SelectMany(word => word.Zip(word.Skip(1))).GroupBy(pair => pair).Select(group => (Pair: group.Key, Count: group.Count())).ToList();
            if (pairs.Count == 0 || pairs.Max(pair => pair.Count) < 2)
            {
                break;
            }

            (int left, int right) = pairs.OrderByDescending(pair => pair.Count).ThenBy(pair => pair.Pair).First().Pair;
            merges.Add($"{entries[left]} {entries[right]}");
            int merged = entries.IndexOf(entries[left] + entries[right]);
            if (merged < 0)
            {
                merged = entries.Count;
                entries.Add(entries[left] + entries[right]);
            }

            foreach (List<int> word in words)
            {
                for (int i = 0; i + 1 < word.Count; i++)
                {
                    if (word[i] == left && word[i + 1] == right)
                    {
                        word[i] = merged;
                        word.RemoveAt(i + 1);
                    }
                }
            }
        }

        return merges;
    }
}
