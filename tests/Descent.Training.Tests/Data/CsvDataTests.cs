using System.IO.Compression;
using System.Text;
using CsCheck;
using Descent.Training.Data;

namespace Descent.Training.Tests.Data;

public sealed class CsvDataTests : IDisposable
{
    private const string Colours = """
        size,colour,"note, quoted",kind
        1,red,x,cat
        2,green,"say ""hi"", you",dog
        3,red,x,cat
        4,blue,x,dog
        5,red,"two
        lines",cat
        6,green,x,dog
        """;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Open_WithNumbersAndTexts_InfersBoth()
    {
        DataSplit split = new CsvDataOptions { Path = _folder.Write("a.csv", Colours), Target = "kind", Validation = 0.34 }.Open();

        // size, three colours, three notes.
        Assert.Equal([7L], split.Training.Shape.InputShape);
        Assert.Equal(TaskKind.Classification, split.Training.Shape.Task);
        Assert.Equal(["cat", "dog"], split.Training.Shape.ClassNames);
        Assert.Equal((4, 2), (split.Training.Count, split.Validation.Count));
        HostBatch batch = Fill(split.Training);
        float[] sizes = Column(batch, 0);
        Assert.Equal(0, sizes.Average(), 1e-6);
        Assert.Equal(1, sizes.Average(size => size * size), 1e-5);
        for (int row = 0; row < 4; row++)
        {
            Assert.Equal(1, batch.Features.AsSpan((row * 7) + 1, 3).ToArray().Sum());
            Assert.Equal(1, batch.Features.AsSpan((row * 7) + 4, 3).ToArray().Sum());
        }
    }

    [Theory]
    [InlineData("1,cat\n2,dog\n3,cat\n4,dog\n", TaskKind.Classification, 2)]
    [InlineData("1,0\n2,1\n3,2\n4,10\n", TaskKind.Classification, 4)]
    [InlineData("1,0.5\n2,1\n3,2\n4,10\n", TaskKind.Regression, 1)]
    public void Open_WithTaskAuto_DecidesByTheTarget(string rows, TaskKind task, int outputs)
    {
        DataShape shape = new CsvDataOptions { Path = _folder.Write("a.csv", "x,y\n" + rows) }.Open().Training.Shape;
        Assert.Equal((task, outputs), (shape.Task, shape.Outputs));
    }

    [Fact]
    public void Open_WithWholeNumbersAsClasses_OrdersThemByValue()
    {
        string path = _folder.Write("a.csv", "x,y\n1,10\n2,9\n3,10\n4,9\n");
        Assert.Equal(["9", "10"], new CsvDataOptions { Path = path }.Open().Training.Shape.ClassNames);
    }

    [Fact]
    public void Open_ForRegression_StandardizesByTrainingRowsOnly()
    {
        string rows = string.Concat(Enumerable.Range(0, 200).Select(i => FormattableString.Invariant($"{1e9 + i},{5 + (i * 0.25)}\n")));
        DataSplit split = new CsvDataOptions { Path = _folder.Write("a.csv", "x,y\n" + rows), Validation = 0.25 }.Open();
        HostBatch training = Fill(split.Training);
        HostBatch validation = Fill(split.Validation);
        DataShape shape = split.Training.Shape;

        Assert.Equal(0, training.Values.Take(150).Average(), 1e-5);
        Assert.Equal(1, training.Values.Take(150).Average(value => value * value), 1e-4);
        Assert.NotEqual(0, validation.Values.Take(50).Average(), 1e-5);
        IEnumerable<double> targets = training.Values.Take(150).Concat(validation.Values.Take(50)).Select(value => (value * shape.TargetScale) + shape.TargetMean);
        Assert.Equal(Enumerable.Range(0, 200).Select(i => 5 + (i * 0.25)), targets.Order(), (a, b) => Math.Abs(a - b) < 1e-4);

        // 1e9 + i isn't a float: standardized in double, neighbours still differ.
        Assert.Equal(150, Column(training, 0).Distinct().Count());
    }

    [Fact]
    public void Open_WithoutHeaderGzippedAndSemicolons_Reads()
    {
        string path = _folder.File("a.csv.gz");
        using (var gzip = new GZipStream(File.Create(path), CompressionLevel.Fastest))
        {
            gzip.Write("1;2;0\r\n3;4;1\r\n\r\n5;6;0\r\n7;8;1\r\n"u8);
        }

        DataSplit split = new CsvDataOptions { Path = path, Header = false, Target = "3", Ignore = ["1"] }.Open();
        Assert.Equal([1L], split.Training.Shape.InputShape);
        Assert.Equal(4, split.Training.Count + split.Validation.Count);
    }

    [Fact]
    public void Open_WithAValidationFile_UsesTheTrainingFilesClassesAndScale()
    {
        string training = _folder.Write("a.csv", "x,c,y\n0,p,b\n2,q,a\n");
        string validation = _folder.Write("b.csv", "x,c,y\n3,new,a\n");
        DataSplit split = new CsvDataOptions { Path = training, ValidationPath = validation }.Open();
        HostBatch batch = Fill(split.Validation);
        Assert.Equal(2, split.Training.Count);
        Assert.Equal([2f, 0f, 0f], batch.Features[..3]);
        Assert.Equal(0, batch.Labels[0]);
    }

    [Theory]
    [InlineData("x,speceis\n1,a\n2,b\n", "no column 'species'; did you mean 'speceis'?")]
    [InlineData("x,species\n1,a\n,b\n", "line 3, column 'x': the cell is empty")]
    [InlineData("x,species\n1,a\nNaN,b\n", "line 3, column 'x': 'NaN' is not a finite number")]
    [InlineData("x,species\n1,a\ninf,b\n", "line 3, column 'x': 'inf' is not a finite number")]
    [InlineData("x,species\n-Inf,a\n-Inf,b\n", "line 2, column 'x': '-Inf' is not a finite number")]
    [InlineData("x,species\nnan,a\nnan,b\n", "line 2, column 'x': 'nan' is not a finite number")]
    [InlineData("x,species\n1,0\n2,1\n3,inf\n", "line 4, column 'species': 'inf' is not a finite number")]
    [InlineData("x,species\n1,0\n2,1\n3,Infinity\n", "line 4, column 'species': 'Infinity' is not a finite number")]
    [InlineData("x,species\n1,inf\n2,-inf\n", "line 2, column 'species': 'inf' is not a finite number")]
    [InlineData("x,species\n1,a\n1e300,b\n", "line 3, column 'x': '1e300' is not a finite number")]
    [InlineData("x,species\n1,a\n2,a\n3,b\n4x,b\n", "line 5, column 'x': '4x' is not a number, as 3 of 4 cells are")]
    [InlineData("x,species\n1,a\n2,b,c\n", "line 3: 3 cells, but there are 2 columns")]
    [InlineData("x,species\n1,a\n2,a\n", "every row has the one class 'a'")]
    [InlineData("x,species\n", "0 rows")]
    [InlineData("", "is empty")]
    [InlineData("x,species\n1,\"a\n2,b\n", "line 2: the quotes are wrong")]
    [InlineData("x,x,species\n1,2,a\n2,3,b\n", "two columns are named 'x'")]
    [InlineData("1,2\n3,4\n", "all cells are numbers, no column names; set data.header to false")]
    [InlineData("species\na\nb\n", "no column is left beside the target")]
    public void Open_WithBadInput_SaysWhereAndWhat(string text, string message)
    {
        string path = _folder.Write("a.csv", text);
        var exception = Assert.Throws<BadInputException>(() => new CsvDataOptions { Path = path, Target = "species" }.Open());
        Assert.Contains(message, exception.Message, StringComparison.Ordinal);
        Assert.Contains(path, exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', exception.Message);
    }

    [Fact]
    public void Open_ForClassesThatAreNumbers_RefusesWhatIsNotFinite()
    {
        string path = _folder.Write("a.csv", "x,y\n1,0\n2,NaN\n3,1\n");
        Assert.Contains(
            "line 3, column 'y': 'NaN' is not a finite number",
            Assert.Throws<BadInputException>(() => new CsvDataOptions { Path = path, Task = TableTask.Classification }.Open()).Message,
            StringComparison.Ordinal);
    }

    /// <summary>Among texts they are texts: a name, or an abbreviation.</summary>
    [Fact]
    public void Open_OfTextsThatReadLikeNumbers_TakesThemForCategories()
    {
        DataSplit split = new CsvDataOptions { Path = _folder.Write("a.csv", "x,y\nInf,a\nDist,b\nNan,a\nDist,b\nRed,a\n") }.Open();
        Assert.Equal([4L], split.Training.Shape.InputShape);
    }

    [Fact]
    public void Open_WithAnUnknownClassInTheValidationFile_NamesIt()
    {
        string training = _folder.Write("a.csv", "x,y\n0,b\n2,a\n");
        string validation = _folder.Write("b.csv", "x,y\n3,a\n4,z\n");
        var exception = Assert.Throws<BadInputException>(() => new CsvDataOptions { Path = training, ValidationPath = validation }.Open());
        Assert.Contains($"{validation}, line 3, target column 'y': class 'z'", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_WithTooManyDifferentTexts_AsksToIgnoreTheColumn()
    {
        string rows = string.Concat(Enumerable.Range(0, 300).Select(i => $"name{i},{i % 2}\n"));
        var exception = Assert.Throws<BadInputException>(() => new CsvDataOptions { Path = _folder.Write("a.csv", "name,y\n" + rows) }.Open());
        Assert.Contains("column 'name': more than 256 different texts", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_WithAMissingOrBrokenFile_SaysSo()
    {
        string missing = _folder.File("none.csv");
        Assert.Contains($"{missing} does not exist", Assert.Throws<BadInputException>(() => new CsvDataOptions { Path = missing }.Open()).Message, StringComparison.Ordinal);
        string latin = _folder.Write("latin.csv", Encoding.Latin1.GetBytes("x,y\n1,é\n2,b\n"));
        Assert.Contains("line 2: cell 2 is not valid UTF-8", Assert.Throws<BadInputException>(() => new CsvDataOptions { Path = latin }.Open()).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    [InlineData(40)]
    public void Open_WithACompressedFileCutShort_LosesNoRowSilently(int missing)
    {
        string path = _folder.File("a.csv.gz");
        using (var gzip = new GZipStream(File.Create(path), CompressionLevel.Fastest))
        {
            gzip.Write(Encoding.UTF8.GetBytes("x,y\n" + string.Concat(Enumerable.Range(0, 500).Select(i => $"{i * 7919 % 1000},{i % 2}\n"))));
        }

        File.WriteAllBytes(path, File.ReadAllBytes(path)[..^missing]);
        var exception = Assert.Throws<BadInputException>(() => new CsvDataOptions { Path = path }.Open());
        Assert.Contains($"{path}: the compressed data is damaged or cut short", exception.Message, StringComparison.Ordinal);
    }

    /// <summary>Whatever the class sizes, every class has its share of the held-out samples to within one, and no sample is in both parts or in none.</summary>
    [Fact]
    public void Split_OfAnyClasses_IsProportionalAndDisjoint() =>
        Gen.Select(Gen.Int[0, 4].Array[2, 400], Gen.Double[0.02, 0.5], Gen.Long).Sample((labels, fraction, seed) =>
        {
            (int[] training, int[] validation) = StratifiedSplit(labels, fraction, seed);
            Assert.Equal(Enumerable.Range(0, labels.Length), training.Concat(validation).Order());
            Assert.Equal(Math.Clamp((int)Math.Round(labels.Length * fraction), 1, labels.Length - 1), validation.Length);
            foreach (IGrouping<int, int> kind in labels.GroupBy(label => label))
            {
                double share = (double)kind.Count() * validation.Length / labels.Length;
                Assert.InRange(validation.Count(sample => labels[sample] == kind.Key), share - 1, share + 1);
            }
        }, iter: 200);

    [Theory]
    [InlineData("iris.csv", true, 150, 4, 3)]
    [InlineData("wine_data.csv", true, 178, 13, 3)]
    [InlineData("breast_cancer.csv", true, 569, 30, 2)]
    [InlineData("digits.csv.gz", false, 1797, 64, 10)]
    public void Open_OnRealTables_HasTheKnownShape(string file, bool header, int rows, int features, int classes)
    {
        string path = SharedData.Folder("tabular/" + file);

        // scikit-learn's first line holds counts and class names, as many cells as columns only where they happen to agree.
        string[] lines = File.ReadAllLines(path);
        if (header)
        {
            string names = string.Join(',', Enumerable.Range(0, features).Select(i => $"f{i}").Append("target"));
            path = _folder.Write(file, string.Join('\n', [names, .. lines[1..]]));
        }

        DataSplit split = new CsvDataOptions { Path = path, Header = header, Validation = 0.2 }.Open();
        Assert.Equal([(long)features], split.Training.Shape.InputShape);
        Assert.Equal((rows, classes), (split.Training.Count + split.Validation.Count, split.Training.Shape.Outputs));
        Assert.All(Fill(split.Training).Features, value => Assert.True(float.IsFinite(value)));
    }

    private static (int[] Training, int[] Validation) StratifiedSplit(int[] labels, double fraction, long seed) =>
        Descent.Training.Data.StratifiedSplit.Choose(labels.Length, Array.ConvertAll(labels, label => (long)label), fraction, seed);

    private static HostBatch Fill(IDataset dataset)
    {
        var batch = new HostBatch(dataset.Shape, (int)dataset.Count);
        dataset.Fill([.. Enumerable.Range(0, (int)dataset.Count).Select(i => (long)i)], batch, new EpochKey(0, 0));
        return batch;
    }

    private static float[] Column(HostBatch batch, int column)
    {
        int width = batch.Shape.InputLength;
        return [.. Enumerable.Range(0, batch.Capacity).Select(row => batch.Features[(row * width) + column])];
    }
}
