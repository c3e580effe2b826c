using System.Buffers.Binary;
using System.IO.Compression;
using Descent.Training.Data;

namespace Descent.Training.Tests.Data;

public sealed class ImageDataTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(PixelNormalization.None, 3, 9)]
    [InlineData(PixelNormalization.Unit, 3 / 255.0, 9 / 255.0)]
    [InlineData(PixelNormalization.Standard, -1, 1)]
    public void Fill_WithEachNormalization_MapsPixels(PixelNormalization normalization, double low, double high)
    {
        // As many pixels of 3 as of 9: mean 6, deviation 3.
        WriteMnist("train", [2, 2, 1], [3, 9, 9, 3], [0, 1]);
        WriteMnist("t10k", [1, 2, 1], [9, 3], [1]);
        DataSplit split = new ImageDataOptions { Path = _folder.Path, Normalization = normalization }.Open();

        var batch = new HostBatch(split.Training.Shape, 2);
        split.Training.Fill([1, 0], batch, new EpochKey(0, 0));
        Assert.Equal([1L, 2, 1], split.Training.Shape.InputShape);
        Assert.Equal([(float)high, (float)low, (float)low, (float)high], batch.Features, (a, b) => Math.Abs(a - b) < 1e-6);
        Assert.Equal([1L, 0], batch.Labels);
        Assert.Equal((2, 1), (split.Training.Count, split.Validation.Count));
    }

    [Fact]
    public void Open_WithChannels_NormalizesEach()
    {
        // Channel 0 holds 0 and 2, channel 1 holds 100 and 120.
        string images = _folder.Write("c-images-idx4-ubyte", Idx([2, 2, 1, 1], [0, 100, 2, 120]));
        _folder.Write("c-labels-idx1-ubyte", Idx([2], [0, 1]));
        DataSplit split = new ImageDataOptions { Path = images, Validation = 0.5, Normalization = PixelNormalization.None }.Open();
        Assert.Equal([2L, 1, 1], split.Training.Shape.InputShape);
        Assert.Equal((1, 1), (split.Training.Count, split.Validation.Count));

        split = new ImageDataOptions { Path = images, ValidationPath = images }.Open();
        var batch = new HostBatch(split.Training.Shape, 2);
        split.Training.Fill([0, 1], batch, new EpochKey(0, 0));
        Assert.Equal([-1f, -1, 1, 1], batch.Features);
    }

    [Fact]
    public void Open_WithCompressedImagesAndPlainLabels_ReadsBoth()
    {
        string images = _folder.File("train-images-idx3-ubyte.gz");
        using (var gzip = new GZipStream(File.Create(images), CompressionLevel.Fastest))
        {
            gzip.Write(Idx([4, 1, 1], [1, 2, 3, 4]));
        }

        _folder.Write("train-labels-idx1-ubyte", Idx([4], [0, 1, 0, 1]));
        DataSplit split = new ImageDataOptions { Path = _folder.Path, Validation = 0.5 }.Open();
        Assert.Equal((2, 2), (split.Training.Count, split.Validation.Count));
    }

    [Theory]
    [InlineData("magic", "starts with 0x00000C03, so it holds no images in IDX format; allowed is 0x00000803 or 0x00000804")]
    [InlineData("short", "the header says 2 × 2 × 1 = 4 values, but there are 3")]
    [InlineData("long", "the header says 2 × 2 × 1 = 4 values, but there are more")]
    [InlineData("header", "ends inside the header")]
    [InlineData("none", "the header says 0 × 2 × 1 values")]
    [InlineData("huge", "the header says 2147483647 × 2147483647 × 2147483647 values")]
    [InlineData("count", "has 3 labels for the 2 images of")]
    [InlineData("label", "label 1: class 7; allowed is 0 to 4, as there are 5 classes")]
    [InlineData("one", "every label is 0, one class")]
    public void Open_WithBadFiles_SaysWhereAndWhat(string fault, string message)
    {
        byte[] images = Idx([2, 2, 1], [1, 2, 3, 4]);
        byte[] labels = Idx([2], [0, 1]);
        switch (fault)
        {
            case "magic":
                images[2] = 12;
                break;
            case "short":
                images = images[..^1];
                break;
            case "long":
                images = [.. images, 0];
                break;
            case "header":
                images = images[..10];
                break;
            case "none":
                images = Idx([0, 2, 1], []);
                break;
            case "huge":
                images.AsSpan(4, 12).Fill(0xFF);
                break;
            case "count":
                labels = Idx([3], [0, 1, 0]);
                break;
            case "label":
                labels = Idx([2], [0, 7]);
                break;
            case "one":
                labels = Idx([2], [0, 0]);
                break;
        }

        _folder.Write("train-images-idx3-ubyte", images);
        _folder.Write("train-labels-idx1-ubyte", labels);
        int? classes = fault == "label" ? 5 : null;
        var exception = Assert.Throws<BadInputException>(() => new ImageDataOptions { Path = _folder.Path, Classes = classes }.Open());
        Assert.Contains(message, exception.Message, StringComparison.Ordinal);
        Assert.Contains(_folder.Path, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_WithAHeldOutLabelBeyondTheTrainingOnes_IsRefused()
    {
        WriteMnist("train", [2, 1, 1], [3, 9], [0, 1]);
        WriteMnist("t10k", [1, 1, 1], [9], [2]);
        var exception = Assert.Throws<BadInputException>(() => new ImageDataOptions { Path = _folder.Path }.Open());
        Assert.Contains("t10k-labels-idx1-ubyte, label 0: class 2; allowed is 0 to 1", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_WithHeldOutImagesOfAnotherSize_IsRefused()
    {
        WriteMnist("train", [2, 1, 1], [3, 9], [0, 1]);
        WriteMnist("t10k", [1, 2, 1], [9, 9], [1]);
        var exception = Assert.Throws<BadInputException>(() => new ImageDataOptions { Path = _folder.Path }.Open());
        Assert.Contains("images of 1 × 2 × 1; allowed is 1 × 1 × 1", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_WithTruncatedCompression_IsRefused()
    {
        string images = _folder.File("train-images-idx3-ubyte.gz");
        using (var gzip = new GZipStream(File.Create(images), CompressionLevel.Fastest))
        {
            byte[] pixels = new byte[4000];
            new Random(1).NextBytes(pixels);
            gzip.Write(Idx([4, 100, 10], pixels));
        }

        File.WriteAllBytes(images, File.ReadAllBytes(images)[..2000]);
        _folder.Write("train-labels-idx1-ubyte", Idx([4], [0, 1, 0, 1]));
        var exception = Assert.Throws<BadInputException>(() => new ImageDataOptions { Path = _folder.Path }.Open());
        Assert.Contains(images, exception.Message, StringComparison.Ordinal);
        Assert.Contains("fetch the file again", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_OfAFolderWithoutImages_NamesTheFile() => Assert.Contains(
        "has no train-images-idx3-ubyte",
        Assert.Throws<BadInputException>(() => new ImageDataOptions { Path = _folder.Path }.Open()).Message,
        StringComparison.Ordinal);

    [Fact]
    public void Open_OnMnist_HasTheKnownFigures()
    {
        DataSplit split = new ImageDataOptions { Path = SharedData.Folder("images/mnist") }.Open();
        Assert.Equal((60_000, 10_000, 10), (split.Training.Count, split.Validation.Count, split.Training.Shape.Outputs));
        Assert.Equal([1L, 28, 28], split.Training.Shape.InputShape);
        var batch = new HostBatch(split.Training.Shape, 5);
        split.Training.Fill([0, 1, 2, 3, 4], batch, new EpochKey(0, 0));
        Assert.Equal([5L, 0, 4, 1, 9], batch.Labels);

        // Black is −mean / deviation, known as −0.1307 / 0.3081.
        Assert.Equal(-0.1307 / 0.3081, batch.Features[0], 1e-3);
    }

    private static byte[] Idx(int[] dimensions, byte[] values)
    {
        byte[] header = new byte[4 + (4 * dimensions.Length)];
        header[2] = 8;
        header[3] = (byte)dimensions.Length;
        for (int i = 0; i < dimensions.Length; i++)
        {
            BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4 + (4 * i)), dimensions[i]);
        }

        return [.. header, .. values];
    }

    private void WriteMnist(string prefix, int[] dimensions, byte[] pixels, byte[] labels)
    {
        _folder.Write($"{prefix}-images-idx3-ubyte", Idx(dimensions, pixels));
        _folder.Write($"{prefix}-labels-idx1-ubyte", Idx([labels.Length], labels));
    }
}
