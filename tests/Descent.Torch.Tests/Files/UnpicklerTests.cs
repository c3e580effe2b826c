using System.IO.Compression;
using System.Text;
using Xunit;

namespace Descent.Torch.Tests.Files;

/// <summary>A file of PyTorch is data: whatever it names, nothing runs, and whatever is damaged, it is refused with a message.</summary>
public sealed class UnpicklerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("\u0080\u0002K\u0007.", 7L)]
    [InlineData("\u0080\u0002M\u0001\u0002.", 513L)]
    [InlineData("\u0080\u0002J\u00fe\u00ff\u00ff\u00ff.", -2L)]
    [InlineData("\u0080\u0002\u008a\u0002\u0000\u0080.", -32768L)]
    [InlineData("\u0080\u0002\u008a\u0000.", 0L)]
    [InlineData("\u0080\u0004\u0095\u0002\u0000\u0000\u0000\u0000\u0000\u0000\u0000K\u0003.", 3L)]
    [InlineData("\u0080\u0002G?\u00f8\u0000\u0000\u0000\u0000\u0000\u0000.", 1.5)]
    [InlineData("\u0080\u0002\u0088.", true)]
    [InlineData("\u0080\u0002N.", null)]
    [InlineData("\u0080\u0002X\u0002\u0000\u0000\u0000ab.", "ab")]
    [InlineData("\u0080\u0004\u008c\u0002ab\u0094.", "ab")]
    public void Read_OfSingleValues(string pickle, object? expected) => Assert.Equal(expected, Read(pickle));

    [Fact]
    public void Read_OfCollections_KeepsOrderAndSharing()
    {
        // {"b": [1, 2], "a": (3, 4)} with the list again under "c".
        var dictionary = (OrderedDictionary<object, object?>)Read("\u0080\u0002}(U\u0001b]q\u0000(K\u0001K\u0002eU\u0001aK\u0003K\u0004\u0086U\u0001ch\u0000u.")!;
        Assert.Equal(["b", "a", "c"], dictionary.Keys);
        Assert.Same(dictionary["b"], dictionary["c"]);
        Assert.Equal([1L, 2L], (List<object?>)dictionary["b"]!);
        Assert.Equal([3L, 4L], (object?[])dictionary["a"]!);
    }

    // What Python would run as os.system("touch FILE") when it loads this.
    [Fact]
    public void Open_OfAFileThatWouldRunAProgram_RunsNothing()
    {
        string trace = _folder.File("trace");
        string command = $"touch {trace}";
        string path = Archive($"\u0080\u0002cposix\nsystem\nX{(char)command.Length}\u0000\u0000\u0000{command}\u0085R.");
        string message = Assert.Throws<InvalidDataException>(() => SavedOptimizer.Open(path).Dispose()).Message;
        Assert.Contains("it holds a posix.system", message, StringComparison.Ordinal);
        Assert.False(File.Exists(trace));
    }

    [Theory]
    [InlineData("", "damaged")]
    [InlineData("\u0080\u0002", "damaged")]
    [InlineData("\u0080\u0002.", "damaged")]
    [InlineData("\u0080\u0002h\u0005.", "damaged")]
    [InlineData("\u0080\u0002X\u00ff\u00ff\u00ff\u007fab.", "damaged")]
    [InlineData("\u0080\u0002K\u0001R.", "damaged")]
    [InlineData("\u0080\u0002(i__main__\nX\n.", "instruction 0x69")]
    [InlineData("\u0080\u0002]K\u0001a.", "no optimizer's state_dict()")]
    [InlineData("\u0080\u0002}U\u0005state}s.", "it holds 'state'")]
    public void Open_OfADamagedOrOtherFile_SaysSo(string pickle, string expected)
    {
        string path = Archive(pickle);
        string message = Assert.Throws<InvalidDataException>(() => SavedOptimizer.Open(path).Dispose()).Message;
        Assert.Contains(expected, message, StringComparison.Ordinal);
        Assert.StartsWith(path, message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_OfOtherFormats_SaysWhatIsWanted()
    {
        Assert.Contains("before PyTorch 1.6", Refusal([0x80, 2, (byte)'}', (byte)'.']), StringComparison.Ordinal);
        Assert.Contains("begins with \"hello\"", Refusal("hello"u8.ToArray()), StringComparison.Ordinal);
        Assert.Throws<FileNotFoundException>(() => SavedOptimizer.Open(_folder.File("none")).Dispose());
        Assert.Contains("big-endian", Assert.Throws<InvalidDataException>(
            () => SavedOptimizer.Open(Archive("\u0080\u0002N.", ("byteorder", "big"u8.ToArray()))).Dispose()).Message, StringComparison.Ordinal);
    }

    // Any byte of a sound file may be wrong, anywhere it may end: a message, never another exception, never memory beyond its own.
    [Fact]
    public void Open_OfAFileWithAFlippedByteOrCutShort_ReadsOrRefuses()
    {
        byte[] sound = File.ReadAllBytes(Repository.Golden("pytorch/layouts.pt"));
        var random = new Random(7);
        int refused = 0;
        for (int i = 0; i < 600; i++)
        {
            byte[] bytes = i % 3 == 0 ? sound[..random.Next(sound.Length)] : [.. sound];
            if (i % 3 != 0)
            {
                bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
            }

            string path = _folder.Write("fuzz.pt", bytes);
            try
            {
                using SavedOptimizer saved = SavedOptimizer.Open(path);
                foreach (SavedTensor tensor in saved.Parameters.SelectMany(parameter => parameter.States.Values))
                {
                    tensor.Read().Dispose();
                }
            }
            catch (InvalidDataException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, 200, 600);
    }

    private static object? Read(string pickle) =>
        new Unpickler(Encoding.Latin1.GetBytes(pickle), (name, _) => name, static reference => reference).Read();

    private string Refusal(byte[] content) =>
        Assert.Throws<InvalidDataException>(() => SavedOptimizer.Open(_folder.Write("other", content)).Dispose()).Message;

    private string Archive(string pickle, params (string Name, byte[] Content)[] more)
    {
        string path = _folder.File("archive.pt");
        using ZipArchive zip = new(File.Create(path), ZipArchiveMode.Create);
        foreach ((string name, byte[] content) in more.Prepend(("data.pkl", Encoding.Latin1.GetBytes(pickle))))
        {
            using Stream stream = zip.CreateEntry($"archive/{name}", CompressionLevel.NoCompression).Open();
            stream.Write(content);
        }

        return path;
    }
}
