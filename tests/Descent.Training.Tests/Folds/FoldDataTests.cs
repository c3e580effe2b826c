using System.Text;
using Descent.Training.Configuration;
using Descent.Training.Data;
using Descent.Training.Folds;

namespace Descent.Training.Tests.Folds;

/// <summary>What a fold's training part learns of the rest of the data: nothing.</summary>
public sealed class FoldDataTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>Whatever is written into the held-out rows, the training samples stay the same bits: no scale, no category and no class of theirs is learned from.</summary>
    [Fact]
    public void Csv_TrainingSamples_DoNotDependOnHeldOutRows()
    {
        string[] rows = [.. Enumerable.Range(0, 30).Select(static i => $"{i * 0.7},{(i % 3 == 0 ? "red" : "blue")},{i * i * 1.3}")];
        DataSplit first = Open(rows);
        foreach (int row in first.ValidationRows!)
        {
            rows[row] = $"{1e6 + row},{(row % 2 == 0 ? "red" : "blue")},{-1e6 * row}";
        }

        DataSplit second = Open(rows);

        Assert.Equal(first.ValidationRows, second.ValidationRows);
        Assert.Equal(Fill(first.Training).Features, Fill(second.Training).Features);
        Assert.Equal(Fill(first.Training).Values, Fill(second.Training).Values);
        Assert.Equal((first.Training.Shape.TargetMean, first.Training.Shape.TargetScale), (second.Training.Shape.TargetMean, second.Training.Shape.TargetScale));

        DataSplit Open(string[] lines) =>
            new CsvDataOptions { Path = _folder.Write("a.csv", "x,colour,y\n" + string.Join('\n', lines) + "\n"), Task = TableTask.Regression }.Open(new FoldChoice(new KFoldOptions { Count = 3 }, 1));
    }

    [Fact]
    public void Csv_OfACategoryThatOnlyHeldOutRowsHave_IsNoneOfThem()
    {
        var fold = new FoldChoice(new KFoldOptions { Count = 4, Shuffle = false }, 3);
        string path = _folder.Write("a.csv", "colour,y\nred,1.5\nblue,2.5\nred,3.5\nblue,1.5\nred,0.5\nblue,2.5\ngreen,3.5\ngreen,1.5\n");

        DataSplit split = new CsvDataOptions { Path = path }.Open(fold);

        Assert.Equal([6, 7], split.ValidationRows);
        Assert.Equal(new float[6], Fill(split.Validation).Features[..6]);
        Assert.Equal(6, Fill(split.Training).Features.Sum());
    }

    [Fact]
    public void Csv_ByGroup_LeavesTheGroupsColumnOutAndTogether()
    {
        string path = _folder.Write("a.csv", "patient,x,y\n" + string.Concat(Enumerable.Range(0, 24).Select(static i => $"p{i % 6},{i},{(i % 2 == 0 ? "yes" : "no")}\n")));

        DataSplit split = new CsvDataOptions { Path = path }.Open(new FoldChoice(new GroupKFoldOptions { Count = 3, Group = "patient" }, 0));

        Assert.Equal([1L], split.Training.Shape.InputShape);
        Assert.Equal(2, split.ValidationRows!.Select(static row => row % 6).Distinct().Count());
        Assert.Equal(8, split.Validation.Count);
        Assert.EndsWith("fold 0 of 3", split.Description);
    }

    [Fact]
    public void Csv_ByTime_OrdersDates()
    {
        string path = _folder.Write("a.csv", "day,x,y\n2026-01-03,3,0.5\n2026-01-01,1,1.5\n2026-01-04,4,2.5\n2026-01-02,2,3.5\n");

        DataSplit split = new CsvDataOptions { Path = path, Task = TableTask.Regression }.Open(new FoldChoice(new TimeSeriesSplitOptions { Count = 2, Time = "day" }, 1));

        Assert.Equal([2], split.ValidationRows);
        Assert.Equal([1L], split.Training.Shape.InputShape);
        string message = Assert.Throws<BadInputException>(() => new CsvDataOptions { Path = _folder.Write("a.csv", "day,x,y\nMonday,3,0.5\nTuesday,1,1.5\n") }
            .Open(new FoldChoice(new TimeSeriesSplitOptions { Count = 2, Time = "day" }, 1))).Message;
        Assert.Contains("line 2, column 'day': 'Monday' is not a date", message);
    }

    [Fact]
    public void Csv_InnerHoldOut_IsWithinTheTrainingPart()
    {
        string path = _folder.Write("a.csv", "x,y\n" + string.Concat(Enumerable.Range(0, 40).Select(static i => $"{i},{(i % 2 == 0 ? "yes" : "no")}\n")));
        var data = new CsvDataOptions { Path = path, Validation = 0.2 };
        var outer = new FoldChoice(new StratifiedKFoldOptions { Count = 4 }, 2);

        DataSplit inner = data.Open(outer with { InnerFold = 0 });
        DataSplit innerFold = data.Open(outer with { Inner = new KFoldOptions { Count = 3 }, InnerFold = 1 });

        Assert.Equal((24, 6), (inner.Training.Count, inner.Validation.Count));
        Assert.Equal((20, 10), (innerFold.Training.Count, innerFold.Validation.Count));
        Assert.Empty(inner.ValidationRows!.Concat(innerFold.ValidationRows!).Intersect(data.Open(outer).ValidationRows!));
    }

    [Fact]
    public void Images_ScalesOfAFold_AreThoseOfItsTrainingPart()
    {
        byte[] pixels = [.. Enumerable.Range(0, 12 * 4).Select(static i => (byte)(i * 5))];
        _folder.Write("train-images-idx3-ubyte", [0, 0, 8, 3, 0, 0, 0, 12, 0, 0, 0, 2, 0, 0, 0, 2, .. pixels]);
        _folder.Write("train-labels-idx1-ubyte", [0, 0, 8, 1, 0, 0, 0, 12, .. Enumerable.Range(0, 12).Select(static i => (byte)(i % 2))]);

        DataSplit split = new ImageDataOptions { Path = _folder.Path }.Open(new FoldChoice(new StratifiedKFoldOptions { Count = 3 }, 0));

        Assert.Equal((8, 4), (split.Training.Count, split.Validation.Count));
        float[] trained = Fill(split.Training).Features;
        Assert.Equal(0, trained.Average(), 1e-5);
        Assert.NotEqual(0, Fill(split.Validation).Features.Average(), 1e-2);
    }

    [Fact]
    public void Text_EveryByteIsHeldOutOnce_AndSpansMeetTrainingTextAtTheirEndsOnly()
    {
        string text = string.Concat(Enumerable.Range(0, 400).Select(static i => $"Line {i} of {i * i % 91} words.\n"));
        string path = _folder.Write("a.txt", text);
        for (int repeat = 0; repeat < 3; repeat++)
        {
            byte[][] held = [.. Enumerable.Range(0, 4).Select(number => Bytes(Choose(path, new KFoldOptions { Count = 4, Repeats = 3 }, (repeat * 4) + number).Validation))];

            // The part that joins the ends is the last one of its repeat.
            byte[] lines = [.. held.SelectMany(static part => part)];
            Assert.Equal(Sorted(Encoding.UTF8.GetBytes(text)), Sorted(lines));
            Assert.All(held, part => Assert.InRange(part.Length, (text.Length / 4) - 40, (text.Length / 4) + 40));
        }

        (IReadOnlyList<ReadOnlyMemory<byte>> training, IReadOnlyList<ReadOnlyMemory<byte>> validation) = Choose(path, new KFoldOptions { Count = 4 }, 1);
        Assert.Equal(2, training.Count);
        Assert.Equal(text, Encoding.UTF8.GetString([.. training[0].Span, .. validation.Single().Span, .. training[1].Span]));
        Assert.Empty(Sorted(Bytes(training)).Intersect(Sorted(Bytes(validation))));

        static string[] Sorted(byte[] bytes) => [.. Encoding.UTF8.GetString(bytes).Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal)];
    }

    [Fact]
    public void Text_Tokenizer_IsLearnedFromTheTrainingPartAlone()
    {
        string first = string.Concat(Enumerable.Repeat("zebra quagga zebra quagga\n", 100)), rest = string.Concat(Enumerable.Range(0, 200).Select(static i => $"the line {i} of the rest\n"));
        var data = new TextDataOptions { Path = _folder.Write("a.txt", first + rest), Tokenizer = "bpe", Vocabulary = 300, Context = 8 };
        int held = data.Open(new FoldChoice(new KFoldOptions { Count = 2 }, 0)).Tokenizer!.Encode(" zebra").Length;
        int known = data.Open(new FoldChoice(new KFoldOptions { Count = 2 }, 1)).Tokenizer!.Encode(" zebra").Length;

        Assert.Equal(1, known);
        Assert.True(held > 3, $"{held} tokens for a word that only the held-out part has");
    }

    [Fact]
    public void Text_ByDocument_HoldsWholeFilesOut()
    {
        string[] letters = ["a", "b", "c", "d", "e"];
        foreach ((int number, string letter) in letters.Index())
        {
            _folder.Write($"docs/{letter}.txt", string.Concat(Enumerable.Repeat(letter, 50 + (20 * number))) + "\n\n");
        }

        int[] heldOut = new int[5];
        for (int fold = 0; fold < 2; fold++)
        {
            (IReadOnlyList<ReadOnlyMemory<byte>> training, IReadOnlyList<ReadOnlyMemory<byte>> validation) = Choose(_folder.File("docs"), new GroupKFoldOptions { Count = 2 }, fold);
            string trained = Encoding.UTF8.GetString(Bytes(training)), held = Encoding.UTF8.GetString(Bytes(validation));
            Assert.All(letters.Index(), letter =>
            {
                Assert.NotEqual(trained.Contains(letter.Item, StringComparison.Ordinal), held.Contains(letter.Item, StringComparison.Ordinal));
                heldOut[letter.Index] += held.Contains(letter.Item, StringComparison.Ordinal) ? 1 : 0;
            });
        }

        Assert.Equal([1, 1, 1, 1, 1], heldOut);
    }

    [Fact]
    public void Text_InTime_TrainsOnWhatComesBefore()
    {
        string text = string.Concat(Enumerable.Range(0, 300).Select(static i => $"{i:D4} line\n"));
        string path = _folder.Write("a.txt", text);

        (IReadOnlyList<ReadOnlyMemory<byte>> training, IReadOnlyList<ReadOnlyMemory<byte>> validation) = Choose(path, new TimeSeriesSplitOptions { Count = 2, Gap = 50 }, 1);

        Assert.Equal(2000 - 50, Bytes(training).Length, 10.0);
        Assert.Equal("0200", Encoding.UTF8.GetString(Bytes(validation))[..4]);
        Assert.Equal(1000, Bytes(validation).Length);
    }

    [Theory]
    [InlineData("text has no classes", "stratified_k_fold")]
    [InlineData("has 1 document", "group_k_fold")]
    public void Text_OfFoldsThatItCantHave_SaysWhichItCan(string expected, string kind) =>
        Assert.Contains(expected, Assert.Throws<BadInputException>(() => Choose(_folder.Write("a.txt", "one\ntwo\nthree\n"), FoldCatalog.Create(kind), 0)).Message);

    [Theory]
    [InlineData("validation: { fold: 1 }", "give folds too")]
    [InlineData("validation: { folds: { kind: k_fold, count: 3, repeats: 2 }, fold: 6 }", "fold is 6; allowed: 0 to 5")]
    [InlineData("validation: { folds: k_fold, inner_fold: 0 }", "give fold too")]
    [InlineData("validation: { folds: k_fold, fold: 0, inner_fold: 1 }", "allowed: 0, as there are no inner_folds")]
    [InlineData("validation: { folds: { count: 3 } }", "'validation.folds' needs a kind; allowed: group_k_fold, k_fold")]
    [InlineData("validation: { folds: { kind: k_fold, gap: 3 } }", "unknown key 'validation.folds.gap'")]
    [InlineData("validation: { folds: { kind: k_fold, count: 1 } }", "'validation.folds.count' is 1; allowed: 2 to")]
    [InlineData("model: ~", "no value")]
    public void RunFile_WithWrongFolds_SaysWhatIsAllowed(string section, string expected) => Assert.Contains(
        expected, Assert.Throws<BadInputException>(() => RunFile.Parse((section.StartsWith("model", StringComparison.Ordinal) ? "" : "model: mlp\n") + "data: csv\n" + section, "run.yaml")).Message);

    [Fact]
    public void RunFile_WithFolds_IsWrittenAsItIsRead()
    {
        RunConfiguration run = RunFile.Parse("model: mlp\ndata: csv\nvalidation: { folds: { kind: time_series_split, count: 4, gap: 2 }, fold: 3 }", "run.yaml", ["validation.every_steps=7"]);

        Assert.Equal(run.Training.Validation, RunFile.Parse(RunFile.Write(run), "again").Training.Validation);
        Assert.Null(RunFile.Parse(RunFile.Write(run), "again", ["validation.fold=~", "validation.folds=~"]).Training.Validation.Folds);
    }

    [Fact]
    public void Open_WithFoldsAndAValidationPath_IsRefused() => Assert.Contains(
        "leave one of them out",
        Assert.Throws<BadInputException>(() => new CsvDataOptions { Path = "a.csv", ValidationPath = "b.csv" }.Open(new FoldChoice(new KFoldOptions(), 0))).Message);

    private static (IReadOnlyList<ReadOnlyMemory<byte>> Training, IReadOnlyList<ReadOnlyMemory<byte>> Validation) Choose(string path, FoldOptions folds, int fold) =>
        TextFold.Choose(TextFiles.Read(path, "data.path", null, 0).Training, new FoldChoice(folds, fold), 0.1, path);

    private static byte[] Bytes(IReadOnlyList<ReadOnlyMemory<byte>> pieces) => [.. pieces.SelectMany(static piece => piece.ToArray())];

    private static HostBatch Fill(IDataset set)
    {
        var batch = new HostBatch(set.Shape, (int)set.Count);
        set.Fill([.. Enumerable.Range(0, (int)set.Count).Select(static sample => (long)sample)], batch, new EpochKey(1, 0));
        return batch;
    }
}
