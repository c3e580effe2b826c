using System.Globalization;
using Descent.Optimizers;
using Descent.Training.Configuration;
using Descent.Training.Data;
using Descent.Training.Folds;
using Descent.Training.Models;
using Descent.Training.Tests.Training;
using TorchSharp;

namespace Descent.Training.Tests.Folds;

public sealed class CrossValidationTests : IDisposable
{
    private static readonly TrainingOptions Options = new()
    {
        Optimizer = new AdamWOptions { LearningRate = 1e-2 },
        Stop = new StopOptions { Steps = 12 },
        Validation = new ValidationOptions { EverySteps = 5 },
        Checkpoints = new CheckpointOptions { EverySteps = 3 },
        Regularization = new RegularizationOptions { Dropout = 0.2 },
    };

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Run_MeasuresEveryRowOnceARepeat_ByAModelThatHasNotSeenIt()
    {
        CrossValidationResult result = new CrossValidation { Folds = new KFoldOptions { Count = 4, Repeats = 2 }, Options = Options, BatchSize = 8 }.Run(new TinyTask(40), new FoldSamples(40), Build, TestContext.Current.CancellationToken);

        Assert.Equal(8, result.Folds.Count);
        Assert.Equal(["target", "prediction"], result.OutOfFold.Columns);
        Assert.Equal(Enumerable.Range(0, 80).Select(static i => ((long)(i % 40), i / 40)), result.OutOfFold.Rows.Select(static row => (row.Row, row.Repeat)));
        Assert.All(result.OutOfFold.Rows, static row => Assert.Equal(row.Repeat, row.Fold / 4));
        Assert.All(result.Folds, fold =>
        {
            Assert.Equal((30, 10), (fold.TrainingSamples, fold.ValidationSamples));
            double[] errors = [.. result.OutOfFold.Rows.Where(row => row.Fold == fold.Fold).Select(static row => Number(row.Values[1]) - Number(row.Values[0]))];
            Assert.Equal(fold.Metrics["validation/loss"], errors.Average(static error => error * error), 1e-5);
            Assert.Equal(fold.Metrics["validation/mean_absolute_error"], errors.Average(Math.Abs), 1e-5);
        });
        FoldStatistics loss = result.Statistics["validation/loss"];
        Assert.Equal(result.Folds.Average(static fold => fold.Metrics["validation/loss"]), loss.Mean, 1e-12);
        Assert.Equal(1.0 / 3, loss.TestTrainRatio, 1e-12);

        // Repeats begin with other weights.
        Assert.NotEqual(result.Folds[0].Metrics["validation/loss"], result.Folds[4].Metrics["validation/loss"]);
    }

    [Fact]
    public void Run_InterruptedWithinAFold_GoesOnWithTheSameBits()
    {
        var whole = new CrossValidation { Folds = new KFoldOptions { Count = 3 }, Options = Options, BatchSize = 8, Folder = _folder.File("whole") };
        CrossValidationResult expected = whole.Run(new TinyTask(30), new FoldSamples(30), Build, TestContext.Current.CancellationToken);
        using var interruption = new CancellationTokenSource();
        var trained = new List<int>();
        CrossValidation Interrupted(Action<Fold, long> atStep) => new()
        {
            Folds = whole.Folds,
            Options = Options,
            BatchSize = 8,
            Folder = _folder.File("interrupted"),
            Observers = fold => [new AtStep(step => atStep(fold, step))],
        };

        Assert.ThrowsAny<OperationCanceledException>(() => Interrupted((fold, step) =>
        {
            if (fold.Index == 1 && step == 7)
            {
                interruption.Cancel();
            }
        }).Run(new TinyTask(30), new FoldSamples(30), Build, interruption.Token));
        CrossValidationResult result = Interrupted((fold, _) => trained.Add(fold.Index)).Run(new TinyTask(30), new FoldSamples(30), Build, TestContext.Current.CancellationToken);

        // Steps 8 to 12 of the interrupted fold, and the whole of the last one.
        Assert.Equal([.. Enumerable.Repeat(1, 5), .. Enumerable.Repeat(2, 12)], trained);
        Assert.Equal(File.ReadAllText(_folder.File("whole/out_of_fold.csv")), File.ReadAllText(_folder.File("interrupted/out_of_fold.csv")));
        Assert.Equal(expected.Folds.Select(static fold => fold.Metrics["validation/loss"]), result.Folds.Select(static fold => fold.Metrics["validation/loss"]));
        string weights = Path.Combine("checkpoints", "step-000012", "model.safetensors");
        Assert.All(Enumerable.Range(0, 3), fold => Assert.Equal(
            File.ReadAllBytes(Path.Combine(_folder.File($"whole/fold-{fold}"), weights)), File.ReadAllBytes(Path.Combine(_folder.File($"interrupted/fold-{fold}"), weights))));
    }

    [Fact]
    public void Run_InAFolderOfOtherSettings_IsRefused()
    {
        var first = new CrossValidation { Folds = new KFoldOptions { Count = 2 }, Options = Options, BatchSize = 8, Folder = _folder.File("a") };
        first.Run(new TinyTask(20), new FoldSamples(20), Build, TestContext.Current.CancellationToken);

        var other = new CrossValidation { Folds = new KFoldOptions { Count = 2, Seed = 1 }, Options = Options, BatchSize = 8, Folder = _folder.File("a") };
        Assert.Contains("other settings", Assert.Throws<BadInputException>(() => other.Run(new TinyTask(20), new FoldSamples(20), Build, TestContext.Current.CancellationToken)).Message);
        var batches = new CrossValidation { Folds = first.Folds, Options = Options, BatchSize = 4, Folder = _folder.File("a") };
        Assert.Contains("other settings", Assert.Throws<BadInputException>(() => batches.Run(new TinyTask(20), new FoldSamples(20), Build, TestContext.Current.CancellationToken)).Message);
        Assert.Contains("other settings", Assert.Throws<BadInputException>(() => first.Run(new TinyTask(22), new FoldSamples(22), Build, TestContext.Current.CancellationToken)).Message);
    }

    [Fact]
    public void Run_OfClasses_GivesProbabilities()
    {
        string path = _folder.Write("a.csv", "x,y\n" + string.Concat(Enumerable.Range(0, 30).Select(static i => $"{i},{(i < 15 ? "\"low, \"\"so\"\"\"" : "high")}\n")));
        var folds = new StratifiedKFoldOptions { Count = 3 };
        var data = new CsvDataOptions { Path = path };
        var validation = new CrossValidation { Folds = folds, Options = Options with { Stop = new StopOptions { Steps = 100 } }, BatchSize = 8, Folder = _folder.File("out") };
        var samples = new FoldSamples(30) { Labels = [.. Enumerable.Range(0, 30).Select(static i => i < 15 ? 1L : 0)] };

        CrossValidationResult result = validation.Run(samples, fold => data.Open(new FoldChoice(folds, fold.Index)), static shape => new MlpOptions { Widths = [8] }.Build(shape), TestContext.Current.CancellationToken);

        Assert.Equal(["target", "prediction", "probability_high", "probability_low, \"so\""], result.OutOfFold.Columns);
        Assert.All(result.OutOfFold.Rows, static row =>
        {
            Assert.Equal(row.Row < 15 ? "low, \"so\"" : "high", row.Values[0]);
            Assert.Equal(1, Number(row.Values[2]) + Number(row.Values[3]), 1e-6);
            Assert.Equal(Number(row.Values[2]) > 0.5 ? "high" : "low, \"so\"", row.Values[1]);
        });
        double accuracy = result.OutOfFold.Rows.Average(static row => row.Values[0] == row.Values[1] ? 1.0 : 0);
        Assert.Equal(result.Statistics["validation/accuracy"].Mean, accuracy, 1e-9);
        OutOfFold read = OutOfFold.Read(_folder.File("out/out_of_fold.csv"));
        Assert.Equal(result.OutOfFold.Columns, read.Columns);
        Assert.Equal(result.OutOfFold.Rows.Select(static row => string.Join('|', row.Values)), read.Rows.Select(static row => string.Join('|', row.Values)));
    }

    [Fact]
    public void Run_OfText_GivesTheLossOfEveryWindow()
    {
        string path = _folder.Write("a.txt", string.Concat(Enumerable.Range(0, 60).Select(static i => $"Line {i} counts {i * i}.\n")));
        var folds = new KFoldOptions { Count = 2 };
        var data = new TextDataOptions { Path = path, Tokenizer = "byte", Context = 16 };

        CrossValidationResult result = new CrossValidation { Folds = folds, Options = Options with { Stop = new StopOptions { Steps = 3 } }, BatchSize = 4 }.Run(
            new FoldSamples(2), fold => data.Open(new FoldChoice(folds, fold.Index)), static shape => new GptOptions { Layers = 1, Width = 16, Heads = 2 }.Build(shape), TestContext.Current.CancellationToken);

        Assert.Equal(["tokens", "bytes", "loss"], result.OutOfFold.Columns);
        Assert.All(result.Folds, fold =>
        {
            OutOfFoldRow[] rows = [.. result.OutOfFold.Rows.Where(row => row.Fold == fold.Fold)];
            Assert.Equal(fold.ValidationSamples, rows.Length);
            Assert.All(rows, static row => Assert.Equal(("16", "16"), (row.Values[0], row.Values[1])));
            Assert.Equal(fold.Metrics["validation/loss"], rows.Average(static row => Number(row.Values[2])), 1e-5);
        });
    }

    [Fact]
    public void Run_OfAFoldThatDiverges_NamesIt()
    {
        var validation = new CrossValidation { Folds = new KFoldOptions { Count = 2 }, Options = Options with { Optimizer = new SgdOptions { LearningRate = 1e30 } }, BatchSize = 8 };
        Assert.StartsWith("fold 0: ", Assert.Throws<BadInputException>(() => validation.Run(new TinyTask(20), new FoldSamples(20), Build, TestContext.Current.CancellationToken)).Message);
    }

    private static Model Build(DataShape shape) => new ModuleModel(torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.ReLU(), torch.nn.Dropout(0.2), torch.nn.Linear(8, 1)));

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    private sealed class AtStep(Action<long> tell) : ITrainingObserver
    {
        public void OnStep(StepReport step) => tell(step.Step);
    }
}
