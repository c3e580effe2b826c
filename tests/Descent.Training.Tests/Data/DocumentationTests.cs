using System.Text;
using Descent.Training.Data;

namespace Descent.Training.Tests.Data;

public sealed class DocumentationTests : IDisposable
{
    private const string Xml = """
        <?xml version="1.0" encoding="utf-8"?>
        <doc>
          <assembly><name>Sample</name></assembly>
          <members>
            <member name="T:Sample.Shelf`1">
              <summary>Keeps <typeparamref name="TBook" /> things in
                the order of <see cref="P:Sample.Shelf`1.Count" /> or <see langword="null" />.</summary>
              <typeparam name="TBook">The kind of book.</typeparam>
            </member>
            <member name="M:Sample.Shelf`1.#ctor(System.Int32)">
              <summary>Builds a shelf of the <see cref="T:Sample.Shelf`1" /> kind.</summary>
              <param name="size">How many books fit.</param>
            </member>
            <member name="M:Sample.Shelf`1.Find``1(System.Func{`0,``0,System.Nullable{System.Int32}},System.Byte[],System.Int32@)">
              <summary>Finds a book by its <c>key</c>.<para>Looks at each one.</para></summary>
              <typeparam name="TKey">The key.</typeparam>
              <param name="compare">Compares with <paramref name="keys" />.</param>
              <param name="keys">The keys.</param>
              <param name="place" />
              <returns>The place, or <see cref="F:System.Int32.MaxValue" /> if there is none.</returns>
              <exception cref="T:System.ArgumentNullException"><paramref name="keys" /> is null.</exception>
              <remarks>The search is linear and stops at the first match.</remarks>
            </member>
            <member name="M:Sample.Shelf`1.Find(System.String)">
              <summary>Finds a book by its key. Looks at each one.</summary>
            </member>
            <member name="M:Sample.Shelf`1.Sample#IShelf#Put(System.String)">
              <summary>Puts a book on the shelf by hand.</summary>
            </member>
            <member name="P:Sample.Shelf`1.Count">
              <summary>int __count(void)</summary>
            </member>
            <member name="M:Sample.Shelf`1.Clear">
              <summary>Takes all books off the shelf.</summary>
              <returns>The place, or Int32.MaxValue if there is none.</returns>
            </member>
            <member name="M:Sample.Shelf`1.Empty" />
          </members>
        </doc>
        """;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Read_OfXml_GivesPlainEnglishWithoutRepetition()
    {
        TextCorpus corpus = SdkDocumentation.Read([_folder.Write("Sample.xml", Xml), _folder.Write("Twin.xml", Xml)], maximumBytes: null, heldOut: 0);
        const string Expected = """
            Sample.Shelf<TBook>
            Keeps TBook things in the order of Shelf.Count or null.

            Sample.Shelf<TBook>.Shelf(Int32 size)
            Builds a shelf of the Shelf kind.
            size: How many books fit.

            Sample.Shelf<TBook>.Find<TKey>(Func<TBook, TKey, Nullable<Int32>> compare, Byte[] keys, ref Int32 place)
            Finds a book by its key. Looks at each one.
            compare: Compares with keys.
            keys: The keys.
            Returns: The place, or Int32.MaxValue if there is none.
            The search is linear and stops at the first match.

            Sample.Shelf<TBook>.Clear()
            Takes all books off the shelf.


            """;
        Assert.Equal(Expected, Encoding.UTF8.GetString(Assert.Single(corpus.Training).Span));
        Assert.Empty(corpus.Validation);
    }

    [Theory]
    [InlineData("T:System.Collections.Generic.List`1", "List")]
    [InlineData("M:System.IO.File.ReadAllText(System.String)", "File.ReadAllText")]
    [InlineData("M:System.String.#ctor(System.Char[])", "String")]
    [InlineData("P:System.Collections.Generic.Dictionary{System.String,System.Int32}.Count", "Dictionary.Count")]
    [InlineData("T:System.Nullable{System.Int32}", "Nullable")]
    [InlineData("M:System.Tuple`2.System#IComparable#CompareTo(System.Object)", "Tuple.System.IComparable.CompareTo")]
    [InlineData("!:Unresolved", "Unresolved")]
    [InlineData("M:GenerateSelect", "GenerateSelect")]
    [InlineData("null", "null")]
    [InlineData("https://example.com/a", "https://example.com/a")]
    public void ShortName_OfAReference_IsWhatPeopleWrite(string reference, string expected) => Assert.Equal(expected, MemberSignature.ShortName(reference));

    [Fact]
    public void Read_WithAFraction_HoldsOutWholeTypesAlways()
    {
        StringBuilder xml = new("<doc><members>");
        for (int i = 0; i < 2000; i++)
        {
            xml.Append($"<member name='M:Sample.Type{i / 4}.Method{i}'><summary>Does the thing with the number {Word(i)}.</summary></member>");
        }

        string[] files = [_folder.Write("Sample.xml", xml.Append("</members></doc>").ToString())];
        TextCorpus corpus = SdkDocumentation.Read(files, maximumBytes: null, heldOut: 0.1);
        TextCorpus half = SdkDocumentation.Read(files, maximumBytes: (corpus.TrainingBytes + corpus.ValidationBytes) / 2, heldOut: 0.1);

        Assert.Equal(500, corpus.Training.Count + corpus.Validation.Count);
        Assert.InRange((double)corpus.ValidationBytes / (corpus.TrainingBytes + corpus.ValidationBytes), 0.095, 0.1);
        Assert.InRange((double)half.TrainingBytes / corpus.TrainingBytes, 0.48, 0.52);
        string[] all = [.. corpus.Training.Select(Text)];
        Assert.All(half.Training.Concat(half.Validation).Select(Text), text => Assert.Contains(text, all.Concat(corpus.Validation.Select(Text))));
        Assert.Equal(all.Order(StringComparer.Ordinal), all.OrderBy(text => text, StringComparer.Ordinal));
        Assert.Equal(2000, all.Concat(corpus.Validation.Select(Text)).Sum(text => text.Split("Does the thing").Length - 1));
    }

    [Fact]
    public void Read_OfBrokenXml_NamesFileAndLine()
    {
        string path = _folder.Write("Broken.xml", "<doc>\n<members>\n<member name='T:A.B'><summary>Unclosed");
        var exception = Assert.Throws<BadInputException>(() => SdkDocumentation.Read([path], null, 0));
        Assert.Contains($"{path}, line 3", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void FilesBelow_SeveralVersions_TakesTheNewestOfEachName()
    {
        _folder.Write("A.Ref/9.0.10/ref/net9.0/X.xml", Xml);
        string newest = _folder.Write("A.Ref/10.0.2/ref/net10.0/X.xml", Xml);
        _folder.Write("A.Ref/10.0.2-rc.1/ref/net10.0/X.dll", Xml);
        string other = _folder.Write("B.Ref/8.0.0/ref/net8.0/A.xml", Xml);
        Assert.Equal([other, newest], ReferencePacks.FilesBelow(_folder.Path));
        Assert.Empty(ReferencePacks.FilesBelow(_folder.File("missing")));
    }

    [Fact]
    public void Open_WithNoPath_ReadsTheSdksDocumentation()
    {
        string[] files;
        try
        {
            files = ReferencePacks.Find();
        }
        catch (BadInputException exception)
        {
            Assert.Skip(exception.Message);
            return;
        }

        Assert.NotEmpty(files);
        DataSplit split = new TextDataOptions { Tokenizer = "byte", MaximumBytes = 1_000_000, Context = 1024 }.Open();
        Assert.InRange(split.Training.Count, 800, 1000);
        var batch = new HostBatch(split.Training.Shape, 1);
        split.Training.Fill([split.Training.Count / 2], batch, new EpochKey(0, 0));
        string text = split.Tokenizer!.Decode(Array.ConvertAll(batch.Tokens, token => (int)token));
        Assert.Contains(" the ", text, StringComparison.Ordinal);
        Assert.DoesNotContain("<see", text, StringComparison.Ordinal);
    }

    private static string Text(ReadOnlyMemory<byte> utf8) => Encoding.UTF8.GetString(utf8.Span);

    /// <summary>A number in letters, so that the sentence has no digits.</summary>
    private static string Word(int number) => string.Concat(number.ToString("D4").Select(digit => (char)('a' + digit - '0')));
}
