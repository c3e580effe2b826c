using System.IO.Compression;
using System.Text;
using CsCheck;
using Descent.Training.Data;

namespace Descent.Training.Tests.Data;

public sealed class TextDataTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>Whatever length and context: every pass has the same number of windows, all inside the text, apart from one another, shifted by one.</summary>
    [Fact]
    public void Fill_OfAnyTextAndContext_GivesWindowsShiftedByOne() =>
        Gen.Select(Gen.Int[2, 400], Gen.Int[1, 60], Gen.Bool).Where(t => t.Item1 > t.Item2).Sample((length, context, shifting) =>
        {
            TextDataset dataset = Counting(length, context, shifting);
            var batch = new HostBatch(dataset.Shape, (int)dataset.Count);
            for (int epoch = 0; epoch < 5; epoch++)
            {
                dataset.Fill(All(dataset), batch, new EpochKey(3, epoch));
                int inputs = (int)dataset.Count * context;
                Assert.Equal(Enumerable.Range((int)batch.Tokens[0], inputs).Select(i => (long)i), batch.Tokens);
                Assert.Equal(batch.Tokens.Select(token => token + 1), batch.Labels);
                Assert.InRange(batch.Labels[^1], 0, length - 1);
                Assert.True(shifting || batch.Tokens[0] == 0);
            }

            // All but the last incomplete window and, where windows shift, one more.
            Assert.InRange(length - 1 - (dataset.Count * context), 0, (shifting ? 2 * context : context) - 1);
        }, iter: 300);

    [Fact]
    public void Fill_OverManyEpochs_StartsWindowsEverywhere()
    {
        TextDataset dataset = Counting(300, 16, shifting: true);
        var batch = new HostBatch(dataset.Shape, 1);
        HashSet<long> starts = [];
        for (int epoch = 0; epoch < 300; epoch++)
        {
            dataset.Fill([0], batch, new EpochKey(0, epoch));
            starts.Add(batch.Tokens[0]);
        }

        Assert.Equal(Enumerable.Range(0, 16).Select(i => (long)i), starts.Order());
    }

    [Fact]
    public void Open_OfOneFile_LosesAndSharesNothing()
    {
        string text = string.Concat(Enumerable.Range(0, 400).Select(i => $"Line {i} of the text, naïve café {i * i}.\n"));
        DataSplit split = (Options(_folder.Write("a.txt", text)) with { Tokenizer = "byte", Context = 1, Validation = 0.1 }).Open();
        (string training, string validation) = (TextOf(split, split.Training), TextOf(split, split.Validation));

        // Windows of one token leave out only the last token of each part, which is a target alone.
        Assert.StartsWith(training, text, StringComparison.Ordinal);
        Assert.Equal(text.LastIndexOf(validation, StringComparison.Ordinal), text.Length - validation.Length - 1);
        Assert.StartsWith("Line ", validation, StringComparison.Ordinal);
        Assert.InRange(Encoding.UTF8.GetByteCount(validation), text.Length * 0.1, (text.Length * 0.1) + 100);
    }

    [Theory]
    [InlineData("byte")]
    [InlineData("bpe")]
    public void Fill_WithEachTokenizer_CountsTheBytesOfTheTargets(string tokenizer)
    {
        string text = string.Concat(Enumerable.Repeat("Öffnet the file – and closes it again.\n", 100));
        DataSplit split = (Options(_folder.Write("a.txt", text)) with { Tokenizer = tokenizer, Context = 8, Vocabulary = 300 }).Open();
        var batch = new HostBatch(split.Training.Shape, 3);
        split.Training.Fill([0, 2, 4], batch, new EpochKey(0, 0));
        Assert.Equal(batch.Labels.Sum(token => (long)split.Tokenizer!.ByteLength((int)token)), batch.TargetBytes);
        Assert.Equal(tokenizer == "byte", batch.TargetBytes == 24);
    }

    [Fact]
    public void Open_OfAFolder_ReadsTextFilesInOrderWithBlankLinesBetween()
    {
        _folder.Write("b.txt", "second");
        _folder.Write("a/z.md", "\uFEFFfirst\n");
        _folder.Write("c.bin", "not text");
        _folder.Write(".hidden/d.txt", "hidden");
        _folder.Write("e.txt", " \n");
        _folder.Write("f.cs", "third");
        string validation = _folder.Write("held.out", "held out");
        DataSplit split = (Options(_folder.Path) with { Tokenizer = "byte", Context = 1, ValidationPath = validation }).Open();
        Assert.Equal("first\n\n\nsecond\n\nthir", TextOf(split, split.Training));
        Assert.Equal("held ou", TextOf(split, split.Validation));
    }

    [Fact]
    public void Open_WithMaximumBytes_TakesAShareOfEveryFile()
    {
        _folder.Write("a.txt", string.Concat(Enumerable.Repeat("aaaaaaaaa\n", 1000)));
        _folder.Write("b.txt", string.Concat(Enumerable.Repeat("äöü€\n", 1000)));
        DataSplit split = (Options(_folder.Path) with { Tokenizer = "byte", Context = 1, MaximumBytes = 4000 }).Open();
        string text = TextOf(split, split.Training) + TextOf(split, split.Validation);
        Assert.InRange(Encoding.UTF8.GetByteCount(text), 3900, 4000);
        Assert.InRange(text.Count(character => character == 'a'), 1780, 1810);
        Assert.InRange(text.Count(character => character == 'ö'), 195, 200);
        Assert.DoesNotContain('\uFFFD', text);
    }

    [Fact]
    public void Open_OfACompressedFile_ReadsItsText()
    {
        string path = _folder.File("a.txt.gz");
        using (var gzip = new GZipStream(File.Create(path), CompressionLevel.Fastest))
        {
            gzip.Write("A text of some length.\nAnd one more line of it.\n"u8);
        }

        DataSplit split = (Options(path) with { Tokenizer = "byte", Context = 1, Validation = 0.5 }).Open();
        Assert.StartsWith("A text of some length.", TextOf(split, split.Training), StringComparison.Ordinal);
    }

    [Fact]
    public void Open_Twice_GivesTheSameFingerprintAndWithOtherTextAnother()
    {
        string text = string.Concat(Enumerable.Range(0, 300).Select(i => $"Line {i} of the text.\n"));
        string[] prints = [.. new[] { text, text, text + "One more.\n" }.Select(content =>
            (Options(_folder.Write("a.txt", content)) with { Context = 8, Vocabulary = 300 }).Open().Fingerprint)];
        Assert.Equal(prints[0], prints[1]);
        Assert.NotEqual(prints[0], prints[2]);
    }

    [Fact]
    public void Open_WithASavedTokenizer_UsesIt()
    {
        string path = _folder.Write("a.txt", string.Concat(Enumerable.Range(0, 300).Select(i => $"Line {i} of the text.\n")));
        DataSplit first = (Options(path) with { Context = 8, Vocabulary = 300 }).Open();
        first.Tokenizer!.Save(_folder.File("tokenizer"));
        DataSplit second = (Options(path) with { Context = 8, Tokenizer = _folder.File("tokenizer") }).Open();
        Assert.Equal(first.Fingerprint, second.Fingerprint);
    }

    [Fact]
    public void Open_WithBadText_SaysWhereAndWhat()
    {
        Refused("does not exist; give the path of a text file or a folder", _folder.File("missing.txt"));
        Refused("holds no text", _folder.Write("empty.txt", string.Empty));
        Refused("holds no text", _folder.Write("white.txt", " \n\t\r\n"));
        Refused("byte 5: 0xE9 is not valid UTF-8", _folder.Write("latin.txt", Encoding.Latin1.GetBytes("cafe é and so on")));
        Refused("byte 6: 0xE2 is not valid UTF-8", _folder.Write("cut.txt", [.. "\uFEFFabc"u8, 0xE2, 0x82]));
        Refused("the training text has 9 tokens, fewer than one window of data.context + 1 = 257", _folder.Write("short.txt", "short text"));
        Directory.CreateDirectory(_folder.File("folder"));
        Refused("has no text file; searched for are .txt", _folder.File("folder"));
    }

    [Theory]
    [InlineData(nameof(TextDataOptions.Validation))]
    [InlineData(nameof(TextDataOptions.BatchSize))]
    [InlineData(nameof(TextDataOptions.Vocabulary))]
    [InlineData(nameof(TextDataOptions.Context))]
    [InlineData(nameof(TextDataOptions.MaximumBytes))]
    [InlineData(nameof(TextDataOptions.Tokenizer))]
    public void Options_OutOfRange_AreRefusedByName(string option)
    {
        var exception = Assert.Throws<ArgumentOutOfRangeException>(() => option switch
        {
            nameof(TextDataOptions.Validation) => new TextDataOptions { Validation = 0 },
            nameof(TextDataOptions.BatchSize) => new TextDataOptions { BatchSize = 0 },
            nameof(TextDataOptions.Vocabulary) => new TextDataOptions { Vocabulary = 255 },
            nameof(TextDataOptions.Context) => new TextDataOptions { Context = 0 },
            nameof(TextDataOptions.MaximumBytes) => new TextDataOptions { MaximumBytes = 1 },
            _ => new TextDataOptions { Tokenizer = " " },
        });
        Assert.StartsWith(option + " is ", exception.Message, StringComparison.Ordinal);
        Assert.Contains("allowed: ", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(200, 1)]
    [InlineData(60_000, 2)]
    [InlineData(70_000, 4)]
    public void Tokens_OfAnyVocabulary_AreStoredWithoutLoss(int vocabulary, int seed)
    {
        int[] tokens = new int[1000];
        var random = new Random(seed);
        Array.ForEach(Enumerable.Range(0, 1000).ToArray(), i => tokens[i] = random.Next(vocabulary));
        var stored = new TokenArray(1005, vocabulary);
        stored.Write(5, tokens);
        long[] read = new long[999];
        stored.Read(6, read);
        Assert.Equal(tokens.Skip(1).Select(token => (long)token), read);
    }

    [Fact]
    public void Open_OnTinyShakespeare_ReadsAllOfIt()
    {
        string path = SharedData.Folder("text/tinyshakespeare.txt");
        DataSplit split = new TextDataOptions { Path = path, Tokenizer = "byte", Validation = 0.1 }.Open();
        Assert.Equal(1_115_394, ((TextDataset)split.Training).TokenCount + ((TextDataset)split.Validation).TokenCount);
        Assert.InRange(((TextDataset)split.Validation).TokenCount, 111_539, 111_700);
    }

    private static TextDataOptions Options(string path) => new() { Path = path };

    private void Refused(string message, string path)
    {
        var exception = Assert.Throws<BadInputException>(() => Options(path).Open());
        Assert.Contains(message, exception.Message, StringComparison.Ordinal);
        Assert.Contains(path, exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', exception.Message);
    }

    /// <summary>A text whose tokens are 0, 1, 2 ….</summary>
    private static TextDataset Counting(int length, int context, bool shifting)
    {
        var tokens = new TokenArray(length, 1 << 16);
        tokens.Write(0, [.. Enumerable.Range(0, length)]);
        return new TextDataset(tokens, new WideTokenizer(length), context, shifting);
    }

    private static long[] All(IDataset dataset) => [.. Enumerable.Range(0, (int)dataset.Count).Select(i => (long)i)];

    private static string TextOf(DataSplit split, IDataset dataset)
    {
        var batch = new HostBatch(dataset.Shape, (int)dataset.Count);
        dataset.Fill(All(dataset), batch, new EpochKey(0, 0));
        return split.Tokenizer!.Decode(Array.ConvertAll(batch.Tokens, token => (int)token));
    }
}
