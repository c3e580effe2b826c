using Descent.Optimizers;
using Descent.Torch;
using Descent.Training.Checkpoints;
using Descent.Training.Configuration;
using Descent.Training.Data;
using Descent.Training.Initialization;
using Descent.Training.Losses;
using Descent.Training.Models;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Descent.Training.Tests.Training;

/// <summary>Runs whose weights are measured and saved at another place than they are trained at, runs that climb first, noisy ones and L-BFGS: what they measure, and that they resume exactly.</summary>
public sealed class EvaluationWeightsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly Recorder _recorder = new();

    public static TheoryData<string> Kinds => ["ema", "swa", "schedule-free", "sam", "asam", "noise", "ema of sam with noise", "lbfgs"];

    public void Dispose()
    {
        _scope.Dispose();
        _folder.Dispose();
    }

    /// <summary>With dropout and BatchNorm; the checkpoints of the broken run and of the straight one are the same files.</summary>
    [Theory]
    [MemberData(nameof(Kinds))]
    public void Run_Resumed_GivesTheSameBitsAsUninterrupted(string kind)
    {
        TrainingOptions options = Options(kind, steps: 12);
        using Model straight = Mlp();
        Train(straight, options, Store("straight"));
        using Model half = Mlp();
        Train(half, options with { Stop = new StopOptions { Steps = 7 } }, Store("broken"), cancelAt: 5);
        using Model resumed = Mlp(seed: 99);
        Train(resumed, options, Store("broken"), Store("broken").OpenNewest(_ => { }));

        Assert.Equal(Bytes(straight), Bytes(resumed));
        Assert.Equal(Files("straight"), Files("broken"));
    }

    /// <summary>What is validated, saved and left in the model is the mean that a plain loop keeps over the weights of a run without an average.</summary>
    [Theory]
    [InlineData("ema")]
    [InlineData("swa")]
    public void Run_MeasuresAndSavesTheAverage(string kind)
    {
        TrainingOptions options = Options(kind, steps: 12);
        using Model plain = Mlp(batchNorm: false);
        Dictionary<string, double[]> mean = [];
        long seen = 0;
        _recorder.AtStep = step =>
        {
            if (kind == "swa" && (step <= 6 || step % 2 != 0))
            {
                return;
            }

            double decay = kind == "swa" ? seen / (seen + 1.0) : Math.Min(0.9, (1.0 + seen) / (10.0 + seen));
            foreach ((string name, Parameter parameter) in plain.named_parameters())
            {
                double[] theta = Numbers(parameter);
                mean[name] = seen == 0 ? theta : [.. mean[name].Zip(theta, (a, x) => (decay * a) + ((1 - decay) * x))];
            }

            seen++;
        };
        Train(plain, options with { Average = new NoAverageOptions() });
        _recorder.AtStep = _ => { };
        using Model averaged = Mlp(batchNorm: false);
        Train(averaged, options, Store("run"));
        Checkpoint checkpoint = Store("run").OpenNewest(_ => { });

        Assert.Equal(seen, checkpoint.State.AverageUpdates);
        using SafeTensorsFile saved = SafeTensorsFile.Open(checkpoint.ModelPath), training = SafeTensorsFile.Open(checkpoint.TrainingPath);
        foreach ((string name, Parameter parameter) in averaged.named_parameters())
        {
            Assert.All(mean[name].Zip(Numbers(parameter)), static pair => Assert.Equal(pair.First, pair.Second, 1e-6));
            Assert.Equal(parameter.detach().bytes.ToArray(), saved.Read(name).bytes.ToArray());

            // Training itself went on as without an average.
            Assert.Equal(plain.state_dict()[name].bytes.ToArray(), training.Read(name).bytes.ToArray());
        }

        double measured = new Validator(averaged, new MeanSquaredErrorOptions().Build(), TinyTask.Split().Validation, 16, 0).Run()["validation/loss"];
        Assert.Equal(measured, _recorder.Validations[^1].Metrics["validation/loss"]);
    }

    [Fact]
    public void Run_WithScheduleFree_MeasuresAndSavesItsMean()
    {
        using Model model = Mlp(batchNorm: false);
        Train(model, Options("schedule-free", steps: 12), Store("run"));
        Checkpoint checkpoint = Store("run").OpenNewest(_ => { });
        using SafeTensorsFile saved = SafeTensorsFile.Open(checkpoint.ModelPath), training = SafeTensorsFile.Open(checkpoint.TrainingPath), states = SafeTensorsFile.Open(checkpoint.OptimizerPath);
        foreach ((string name, Parameter parameter) in model.named_parameters())
        {
            double[] y = Numbers(training.Read(name)), offset = Numbers(states.Read($"{name}/z_minus_y")), x = Numbers(saved.Read(name));
            Assert.All(y.Zip(offset, static (a, d) => a + ((1 - (1 / 0.9)) * d)).Zip(x), static pair => Assert.Equal(pair.First, pair.Second, 1e-6));
            Assert.Equal(Numbers(parameter), x);
        }
    }

    /// <summary>The statistics are those of the averaged weights over training data, and training's own go on untouched.</summary>
    [Fact]
    public void Run_WithBatchNorm_EstimatesItsStatisticsForTheAverage()
    {
        TrainingOptions options = Options("ema", steps: 12);
        using Model plain = Mlp();
        Train(plain, options with { Average = new NoAverageOptions() });
        using Model averaged = Mlp();
        Train(averaged, options with { Average = new EmaOptions { Decay = 0.9, StatisticsBatches = 4 } }, Store("run"));
        Checkpoint checkpoint = Store("run").OpenNewest(_ => { });
        using SafeTensorsFile training = SafeTensorsFile.Open(checkpoint.TrainingPath);
        Assert.All(plain.state_dict(), entry => Assert.Equal(entry.Value.bytes.ToArray(), training.Read(entry.Key).bytes.ToArray()));

        // All 64 training samples in four batches: what a first linear layer gives them, in mean.
        Tensor weight = averaged.state_dict()["layers.0.linear.weight"];
        var means = new List<Tensor>();
        foreach (Batch batch in BatchLoader.Pass(TinyTask.Split().Training, 16))
        {
            means.Add(batch.Inputs.mm(weight.t()).mean([0]));
        }

        Assert.True(allclose(stack([.. means]).mean([0]), averaged.state_dict()["layers.0.norm.running_mean"], rtol: 1e-5, atol: 1e-6));
    }

    /// <summary>Patience gives back the averaged weights of the best validation.</summary>
    [Fact]
    public void Run_OutOfPatience_RestoresTheBestAverage()
    {
        using Model model = Mlp();
        RunStopped stopped = Train(model, Options("ema", steps: 1000) with
        {
            Optimizer = new SgdOptions { LearningRate = 0.7 },
            Stop = new StopOptions { Steps = 1000, Patience = 3 },
            Validation = new ValidationOptions { EverySteps = 1 },
        });

        Assert.True(stopped.RestoredBest);
        double again = new Validator(model, new MeanSquaredErrorOptions().Build(), TinyTask.Split().Validation, 16, 0).Run()["validation/loss"];
        Assert.Equal(stopped.BestMetric!.Value, again, 1e-12);
    }

    /// <summary>Two plain steps of the paper's algorithm with libtorch, against the trainer.</summary>
    [Fact]
    public void Run_WithSharpness_EqualsAPlainLoop()
    {
        TrainingOptions options = Options("sam", steps: 3) with { Optimizer = new SgdOptions { LearningRate = 0.2 } };
        using Model model = Mlp(batchNorm: false, dropout: 0);
        Train(model, options);
        using Model plain = Mlp(batchNorm: false, dropout: 0);
        using var loader = new BatchLoader(TinyTask.Split().Training, 16, seed: 1, prefetch: 0);
        Parameter[] parameters = [.. plain.parameters()];
        for (int step = 0; step < 3; step++)
        {
            using Batch batch = loader.Next();
            (double loss, double[][] g) = Gradient(plain, batch);
            double[][] theta = [.. parameters.Select(Numbers)];
            double norm = Math.Sqrt(g.Sum(static part => part.Sum(static value => value * value)));
            Set(parameters, theta, g, 0.05 / norm);
            (double above, double[][] up) = Gradient(plain, batch);
            Set(parameters, theta, up, -0.2);
            Assert.Equal(loss, _recorder.Steps[step].Loss, 1e-5);
            Assert.Equal(above - loss, _recorder.Steps[step].Sharpness!.Value, 1e-5);
        }

        Assert.All(plain.named_parameters(), entry => Assert.True(allclose(entry.parameter, model.state_dict()[entry.name], rtol: 1e-4, atol: 1e-5), entry.name));
    }

    /// <summary>The second pass leaves no trace in BatchNorm's running statistics: with no way to climb, it is a run without it.</summary>
    [Fact]
    public void Run_WithSharpnessThatHardlyClimbs_EqualsARunWithout()
    {
        TrainingOptions options = Options("sam", steps: 6) with { Optimizer = new SgdOptions { LearningRate = 0.1 }, Sharpness = new SharpnessOptions { Rho = 1e-30 } };
        using Model climbing = Mlp();
        Train(climbing, options);
        using Model plain = Mlp();
        Train(plain, options with { Sharpness = new SharpnessOptions() });
        Assert.Equal(Bytes(plain), Bytes(climbing));
    }

    /// <summary>Least squares of a linear model: L-BFGS reaches the solution of the normal equations.</summary>
    [Fact]
    public void Run_WithLbfgs_SolvesLeastSquares()
    {
        TrainingOptions options = Options("lbfgs", steps: 3);
        using Model model = new MlpOptions { Widths = [] }.Build(TinyTask.Split().Training.Shape);
        new InitializationOptions().Apply(model, seed: 1);
        Train(model, options with { Optimizer = new LbfgsOptions { Iterations = 30 }, Regularization = new RegularizationOptions() });
        using var loader = new BatchLoader(TinyTask.Split().Training, 64, seed: 1, prefetch: 0);
        using Batch all = loader.Next();
        Tensor x = cat([all.Inputs, ones(64, 1)], 1).to(ScalarType.Float64);
        Tensor y = all.Targets.to(ScalarType.Float64);
        Tensor solution = linalg.solve(x.t().mm(x), x.t().mm(y));
        Tensor found = cat([model.state_dict()["head.weight"].reshape(-1), model.state_dict()["head.bias"]]).to(ScalarType.Float64);
        Assert.True(allclose(solution.reshape(-1), found, rtol: 1e-3, atol: 1e-4), string.Join(" ", found.data<double>().ToArray()));
        Assert.True(_recorder.Steps[1].Loss < _recorder.Steps[0].Loss);
    }

    [Theory]
    [InlineData("gradients: { accumulate: 2 }", "optimizer.kind is 'lbfgs', which needs the same function at every evaluation; set gradients.full_batch to true")]
    [InlineData("gradients: { full_batch: true, clip_norm: 1 }", "optimizer.kind is 'lbfgs', whose search would be misled by gradients that are clipped or noisy")]
    [InlineData("gradients: { full_batch: true }\nsharpness: { rho: 0.1 }", "optimizer.kind is 'lbfgs', which minimises the loss itself; take 'sharpness' out")]
    [InlineData("gradients: { full_batch: true }\nregularization: { l1: 0.1 }", "optimizer.kind is 'lbfgs', which needs a smooth function")]
    [InlineData("optimizer: { kind: schedule_free_adamw }\naverage: ema", "average.kind is 'ema', and optimizer 'schedule_free_adamw' has a mean of its own that is measured and saved")]
    [InlineData("optimizer: { kind: lbfgs, weight_decay: 0.1 }", "'optimizer': weight_decay is no part of the function that L-BFGS minimises; use regularization.l2")]
    public void Run_WithWhatDoesNotFit_IsRefused(string yaml, string expected)
    {
        string optimizer = yaml.Contains("optimizer:", StringComparison.Ordinal) ? "" : "optimizer: lbfgs\n";
        string message = Assert.Throws<BadInputException>(() =>
        {
            TrainingOptions options = RunFile.Parse($"model: mlp\ndata: csv\n{optimizer}{yaml}", "run.yaml").Training;
            using Model model = Mlp();
            using var trainer = new Trainer(model, TinyTask.Split(), 16, options);
        }).Message;
        Assert.Contains(expected, message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ema", "decay: 0.5, warmup: false, every_steps: 3, statistics_batches: 2")]
    [InlineData("swa", "start: 0.5, every_steps: 3")]
    public void RunFile_WritesWhatItReads(string kind, string keys)
    {
        TrainingOptions options = RunFile.Parse($"model: mlp\ndata: csv\naverage: {{ kind: {kind}, {keys} }}", "run.yaml").Training;
        Assert.Equal(options.Average, RunFile.Parse("model: mlp\ndata: csv\n" + RunFile.Write(options), "run.yaml").Training.Average);
        Assert.NotEqual(AverageCatalog.Create(kind), options.Average);
    }

    private static TrainingOptions Options(string kind, long steps)
    {
        var plain = new TrainingOptions
        {
            Optimizer = new AdamWOptions { LearningRate = 1e-2 },
            Stop = new StopOptions { Steps = steps },
            Validation = new ValidationOptions { EverySteps = 3 },
            Checkpoints = new CheckpointOptions { EverySteps = 100, KeepBest = false, EveryMinutes = null },
        };
        return kind switch
        {
            "ema" => plain with { Average = new EmaOptions { Decay = 0.9 } },
            "swa" => plain with { Average = new SwaOptions { StartStep = 6, EverySteps = 2 } },
            "schedule-free" => plain with { Optimizer = new ScheduleFreeAdamWOptions { LearningRate = 1e-2 } },
            "sam" => plain with { Sharpness = new SharpnessOptions { Rho = 0.05 } },
            "asam" => plain with { Sharpness = new SharpnessOptions { Rho = 0.5, Adaptive = true } },
            "noise" => plain with { Gradients = new GradientOptions { Noise = new GradientNoiseOptions { Eta = 0.1 }, ClipNorm = 0.5 } },
            "lbfgs" => plain with
            {
                Optimizer = new LbfgsOptions { Iterations = 3, LearningRate = 0.5 },
                Gradients = new GradientOptions { FullBatch = true },
                Regularization = new RegularizationOptions { L2 = 0.01 },
            },
            _ => plain with
            {
                Average = new EmaOptions { Decay = 0.9, EverySteps = 2 },
                Sharpness = new SharpnessOptions { Rho = 0.05 },
                Gradients = new GradientOptions { Noise = new GradientNoiseOptions(), Accumulate = 2 },
            },
        };
    }

    private static (double Loss, double[][] Gradient) Gradient(Model model, Batch batch)
    {
        model.zero_grad();
        Tensor loss = nn.functional.mse_loss(model.call(batch.Inputs), batch.Targets);
        loss.backward();
        return (loss.item<float>(), [.. model.parameters().Select(static parameter => Numbers(parameter.grad!))]);
    }

    private static void Set(Parameter[] parameters, double[][] theta, double[][] direction, double factor)
    {
        using IDisposable noGrad = no_grad();
        for (int i = 0; i < parameters.Length; i++)
        {
            parameters[i].copy_(tensor(theta[i].Zip(direction[i], (x, d) => x + (factor * d)).ToArray(), parameters[i].shape));
        }
    }

    private static double[] Numbers(Tensor values) => values.detach().to(ScalarType.Float64).contiguous().data<double>().ToArray();

    private static byte[] Bytes(Model model) => [.. model.state_dict().OrderBy(entry => entry.Key).SelectMany(entry => entry.Value.bytes.ToArray())];

    private static Model Mlp(bool batchNorm = true, double dropout = 0.1, long seed = 1)
    {
        Model model = new MlpOptions { Widths = [8], Dropout = dropout, BatchNorm = batchNorm }.Build(TinyTask.Split().Training.Shape);
        new InitializationOptions().Apply(model, seed);
        return model;
    }

    private CheckpointStore Store(string name) => new(_folder.File(name), keepLast: 1);

    // trainer.json holds seconds; all else is to be the same.
    private (string Name, string Hash)[] Files(string name)
    {
        string newest = Store(name).OpenNewest(_ => { }).Path;
        return [.. Directory.EnumerateFiles(newest, "*.safetensors").Order(StringComparer.Ordinal).Select(file => (Path.GetFileName(file), Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(file)))))];
    }

    private RunStopped Train(Model model, TrainingOptions options, CheckpointStore? store = null, Checkpoint? from = null, long? cancelAt = null)
    {
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        Action<long> told = _recorder.AtStep;
        _recorder.AtStep = cancelAt is null ? told : step =>
        {
            if (step == cancelAt)
            {
                cancellation.Cancel();
            }
        };
        using var trainer = new Trainer(model, TinyTask.Split(), 16, options) { Observers = [_recorder], Checkpoints = store };
        if (from is not null)
        {
            trainer.Restore(from);
        }

        RunStopped stopped = trainer.Run(cancellation.Token);
        _recorder.AtStep = told;
        return stopped;
    }
}
