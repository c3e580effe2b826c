using System.Text;
using Descent.Training.Data;

namespace Descent.Training.Tests.Data;

public sealed class TokenizerCacheTests : IDisposable
{
    private static readonly ReadOnlyMemory<byte>[] Text = [Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("the cat sat on the mat. ", 40)))];
    private readonly TemporaryFolder _folder = new();
    private int _learned;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Get_OfTheSameText_LearnsOnceAndGivesTheSameTokens()
    {
        ITokenizer first = Get(Text), second = Get([.. Text.Select(static text => (ReadOnlyMemory<byte>)text.ToArray())]);

        Assert.Equal(1, _learned);
        Assert.Equal(first.Name, second.Name);
        Assert.Equal(first.Encode("the cat that sat"), second.Encode("the cat that sat"));
        Assert.Equal("the cat that sat", second.Decode(second.Encode("the cat that sat")));
        Assert.Empty(Directory.GetDirectories(_folder.Path, "*.tmp"));
    }

    [Fact]
    public void Get_OfAnotherTextOrOtherSettings_LearnsAnother()
    {
        Get(Text);
        Get([Encoding.UTF8.GetBytes("another text")]);
        Get(Text, "270");

        // Where one text ends and the next begins decides what is learned.
        Get([Text[0][..100], Text[0][100..]]);

        Assert.Equal(4, _learned);
        Assert.Equal(4, Directory.GetDirectories(_folder.Path).Length);
    }

    [Fact]
    public void Get_FromManyAtOnce_LearnsOnce()
    {
        using var together = new Barrier(6);
        ITokenizer[] all = new ITokenizer[6];
        Thread[] workers = [.. Enumerable.Range(0, all.Length).Select(i => new Thread(() =>
        {
            together.SignalAndWait();
            all[i] = Get(Text);
        }))];
        Array.ForEach(workers, static worker => worker.Start());
        Array.ForEach(workers, static worker => worker.Join());

        Assert.Equal(1, _learned);
        Assert.All(all, tokenizer => Assert.Equal(all[0].Encode("on the mat"), tokenizer.Encode("on the mat")));
    }

    [Theory]
    [InlineData("vocab.json", "{")]
    [InlineData("merges.txt", "three in line")]
    public void Get_OfADamagedEntry_LearnsAgain(string file, string content)
    {
        int[] tokens = Get(Text).Encode("the cat");
        File.WriteAllText(Path.Combine(Assert.Single(Directory.GetDirectories(_folder.Path)), file), content);

        Assert.Equal(tokens, Get(Text).Encode("the cat"));
        Assert.Equal(2, _learned);
        Get(Text);
        Assert.Equal(2, _learned);
    }

    [Fact]
    public void Get_WhereNothingCanBeKept_Learns()
    {
        string file = _folder.Write("a file", "in the folder's place");

        ITokenizer tokenizer = TokenizerCache.Get(file, Text, "260", Learn);

        Assert.Equal(260, tokenizer.VocabularySize);
        Assert.Equal(1, _learned);
    }

    [Fact]
    public void Get_WhereWhatWasLearnedCantBeKept_LearnsOnceAndLeavesNothing()
    {
        ITokenizer tokenizer = TokenizerCache.Get(_folder.Path, Text, "260", () =>
        {
            // A file in the entry's place.
            File.WriteAllText(Directory.GetFiles(_folder.Path, "*.lock").Single()[..^".lock".Length], "");
            return Learn();
        });

        Assert.Equal(260, tokenizer.VocabularySize);
        Assert.Equal(1, _learned);
        Assert.Empty(Directory.GetDirectories(_folder.Path));
    }

    [Fact]
    public void Get_WithoutAFolder_KeepsNothing()
    {
        TokenizerCache.Get(null, Text, "260", Learn);
        TokenizerCache.Get(null, Text, "260", Learn);

        Assert.Equal(2, _learned);
    }

    private ITokenizer Get(IReadOnlyList<ReadOnlyMemory<byte>> text, string settings = "260") => TokenizerCache.Get(_folder.Path, text, settings, Learn);

    private ITokenizer Learn()
    {
        Interlocked.Increment(ref _learned);
        return BpeTrainer.Train(Text, 260);
    }
}
