using Descent.Optimizers;
using Descent.Torch;
using Descent.Training.Checkpoints;
using Descent.Training.Configuration;
using Descent.Training.Data;
using Descent.Training.Initialization;
using Descent.Training.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Descent.Training.Tests.Training;

public sealed class TrainerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly Recorder _recorder = new();

    public void Dispose()
    {
        _scope.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Run_LowersTheLoss_AndSaysWhyItEnded()
    {
        RunStopped stopped = Train(Options(steps: 200), out _);

        Assert.Equal(StopReason.Steps, stopped.Reason);
        Assert.Equal(200, stopped.Step);
        Assert.Equal(Enumerable.Range(1, 200).Select(step => (long)step), _recorder.Steps.Select(step => step.Step));
        Assert.True(_recorder.Validations[^1].Metrics["validation/loss"] < 0.1 * _recorder.Steps[0].Loss);
        Assert.InRange(_recorder.Validations[^1].Metrics["validation/r2"], 0.9, 1);
    }

    [Fact]
    public void Run_WithTheSameSeed_GivesTheSameBits()
    {
        Train(Options(steps: 20), out byte[] first);
        Train(Options(steps: 20), out byte[] second);
        Train(Options(steps: 20) with { Seed = 2 }, out byte[] other);

        Assert.Equal(first, second);
        Assert.NotEqual(first, other);
    }

    [Theory]
    [InlineData(1, 16)]
    [InlineData(2, 8)]
    [InlineData(4, 4)]
    public void Run_WithAccumulation_EqualsTheLargeBatch(int accumulate, int batchSize)
    {
        // Batches follow one another in the same order whatever their size, so the window holds the same samples. Without dropout and BatchNorm.
        using Model model = Model(dropout: 0, batchNorm: false);
        Train(model, Options(steps: 10) with { Gradients = new GradientOptions { Accumulate = accumulate, ClipNorm = 0.5 } }, batchSize);
        using Model large = Model(dropout: 0, batchNorm: false);
        Train(large, Options(steps: 10) with { Gradients = new GradientOptions { ClipNorm = 0.5 } }, 16);

        foreach ((string name, Tensor tensor) in model.state_dict())
        {
            Assert.True(allclose(tensor, large.state_dict()[name], rtol: 1e-5, atol: 1e-6), name);
        }
    }

    [Fact]
    public void Run_WithTheFullBatch_StepsOnceAnEpochOverAllSamples()
    {
        // 64 samples in batches of 24, 24 and 16, against one batch of 64.
        TrainingOptions options = Options(steps: 1) with { Optimizer = new SgdOptions { LearningRate = 0.1 }, Stop = new StopOptions { Epochs = 5 } };
        using Model full = Model(dropout: 0, batchNorm: false);
        RunStopped stopped = Train(full, options with { Gradients = new GradientOptions { FullBatch = true } }, 24);
        using Model large = Model(dropout: 0, batchNorm: false);
        Train(large, options, 64);

        Assert.Equal(5, stopped.Step);
        foreach ((string name, Tensor tensor) in full.state_dict())
        {
            Assert.True(allclose(tensor, large.state_dict()[name], rtol: 1e-5, atol: 1e-6), name);
        }
    }

    [Fact]
    public void Run_ThatEndsWithinItsWarmUp_Warns()
    {
        Train(Options(steps: 5) with { Schedule = new CosineSchedule { WarmupSteps = 10 } }, out _);

        Assert.Contains("schedule.warmup_steps is 10", Assert.Single(_recorder.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void Run_WithPenalties_ReportsTheirValues()
    {
        using Model model = Model(dropout: 0, batchNorm: false);
        Train(model, Options(steps: 1) with { Regularization = new RegularizationOptions { L1 = 0.5, L2 = 0.25 } }, 16);
        Tensor[] matrices = [.. model.parameters().Where(parameter => parameter.dim() > 1)];

        Assert.Equal(0.5 * matrices.Sum(w => w.abs().sum().item<float>()), _recorder.Validations[^1].Metrics["regularization/l1"], 1e-4);
        Assert.Equal(0.125 * matrices.Sum(w => w.square().sum().item<float>()), _recorder.Validations[^1].Metrics["regularization/l2"], 1e-4);
    }

    [Fact]
    public void Run_Resumed_GivesTheSameBitsAsUninterrupted()
    {
        TrainingOptions options = Options(steps: 60) with
        {
            Schedule = new ReduceOnPlateauSchedule { Patience = 0, Factor = 0.5 },
            Validation = new ValidationOptions { EverySteps = 10 },
            Checkpoints = new CheckpointOptions { EverySteps = 25, KeepBest = false },
        };
        Train(options, out byte[] whole);
        using Model first = Model();
        Train(first, options with { Stop = new StopOptions { Steps = 25 } }, 16, Store());
        using Model second = Model(seed: 99);
        Train(second, options, 16, Store(), Store().OpenNewest(_ => { }));

        Assert.Equal(whole, Bytes(second));
    }

    [Fact]
    public void Run_OutOfPatience_RestoresTheBestWeights()
    {
        // A rate this high gets worse after a while.
        TrainingOptions options = Options(steps: 1000) with
        {
            Optimizer = new SgdOptions { LearningRate = 0.5 },
            Schedule = new ExponentialSchedule { Gamma = 1.0 },
            Stop = new StopOptions { Steps = 1000, Patience = 3 },
            Validation = new ValidationOptions { EverySteps = 1 },
        };
        using Model model = Model();
        RunStopped stopped = Train(model, options, 16);

        Assert.Equal(StopReason.Patience, stopped.Reason);
        Assert.True(stopped.RestoredBest);
        Assert.Equal(stopped.Step - 3, stopped.BestStep);

        double again = new Validator(model, new Descent.Training.Losses.MeanSquaredErrorOptions().Build(), TinyTask.Split().Validation, 16, 0).Run()["validation/loss"];
        Assert.Equal(stopped.BestMetric!.Value, again, 1e-12);
    }

    [Fact]
    public void Run_AtTheTarget_Ends()
    {
        RunStopped stopped = Train(
            Options(steps: 1000) with
            {
                Stop = new StopOptions { Steps = 1000, Target = new TargetOptions { Metric = "validation/r2", Above = 0.5 } },
                Validation = new ValidationOptions { EverySteps = 5, Metric = "validation/r2" },
            },
            out _);

        Assert.Equal(StopReason.Target, stopped.Reason);
        Assert.InRange(stopped.Step, 5, 999);
        Assert.True(stopped.BestMetric >= 0.5);
    }

    [Fact]
    public void Run_OverEpochs_SeesEverySampleThatOften()
    {
        RunStopped stopped = Train(Options(steps: 1) with { Stop = new StopOptions { Epochs = 2.5 } }, out _);

        Assert.Equal(StopReason.Epochs, stopped.Reason);
        Assert.Equal(10, stopped.Step);
        Assert.Equal(2.5, _recorder.Steps[^1].Epoch);
    }

    [Fact]
    public void Run_Cancelled_SavesAndSaysSo()
    {
        using var cancellation = new CancellationTokenSource();
        _recorder.AtStep = step =>
        {
            if (step == 7)
            {
                cancellation.Cancel();
            }
        };
        using Model model = Model();
        RunStopped stopped = Train(model, Options(steps: 100), 16, Store(), cancellation: cancellation);

        Assert.Equal(StopReason.Interrupted, stopped.Reason);
        Assert.Equal(7, Store().OpenNewest(_ => { }).State.Step);
    }

    [Theory]
    [InlineData(NonFiniteAction.Stop, StopReason.NonFinite)]
    [InlineData(NonFiniteAction.Skip, StopReason.Steps)]
    public void Run_WithANonFiniteGradient_LeavesTheParametersFinite(NonFiniteAction action, StopReason expected)
    {
        using Model model = Model();
        RunStopped stopped = Train(
            model,
            Options(steps: 5) with
            {
                Optimizer = new SgdOptions { LearningRate = 1e30 },
                Gradients = new GradientOptions { NonFinite = action },
                Validation = new ValidationOptions { EverySteps = 0 },
            },
            16);

        Assert.Equal(expected, stopped.Reason);
        Assert.All(model.parameters(), parameter => Assert.True(parameter.isfinite().all().item<bool>()));
        Assert.Contains("not finite", stopped.Message, StringComparison.Ordinal);
        Assert.True(action == NonFiniteAction.Stop || _recorder.Warnings.Count > 0);
    }

    [Fact]
    public void Run_WithPenalties_ShrinksMatricesAndLeavesBiasesAlone()
    {
        using Model plain = Model(dropout: 0, batchNorm: false);
        Train(plain, Options(steps: 50), 16);
        using Model penalised = Model(dropout: 0, batchNorm: false);
        Train(penalised, Options(steps: 50) with { Regularization = new RegularizationOptions { L1 = 0.01, L2 = 0.01 } }, 16);

        foreach ((string name, TorchSharp.Modules.Parameter parameter) in penalised.named_parameters().Where(entry => entry.parameter.dim() > 1))
        {
            Assert.True(parameter.abs().sum().item<float>() < plain.state_dict()[name].abs().sum().item<float>(), name);
        }
    }

    [Fact]
    public void Run_WithAFrozenGroup_LeavesItAsItIs_AndResumes()
    {
        TrainingOptions options = Options(steps: 20) with
        {
            Groups = [new ParameterGroup { Parameters = ["layers.*.linear.*"], Freeze = true }, new ParameterGroup { Roles = [ParameterRole.Head], Optimizer = new SgdOptions { LearningRate = 0.1 } }],
            Checkpoints = new CheckpointOptions { EverySteps = 10, KeepBest = false },
        };
        using Model start = Model();
        using Model whole = Model();
        Train(whole, options, 16);
        Assert.Equal(start.state_dict()["layers.0.linear.weight"].bytes.ToArray(), whole.state_dict()["layers.0.linear.weight"].bytes.ToArray());
        Assert.NotEqual(start.state_dict()["head.weight"].bytes.ToArray(), whole.state_dict()["head.weight"].bytes.ToArray());

        using Model first = Model();
        Train(first, options with { Stop = new StopOptions { Steps = 10 } }, 16, Store());
        using Model second = Model();
        Train(second, options, 16, Store(), Store().OpenNewest(_ => { }));
        Assert.Equal(Bytes(whole), Bytes(second));
    }

    [Fact]
    public void Restore_OfAnotherModelOrOtherData_IsRefused()
    {
        using Model model = Model();
        Train(model, Options(steps: 2), 16, Store());
        Checkpoint checkpoint = Store().OpenNewest(_ => { });
        using Model wider = Model(width: 12);
        using var trainer = new Trainer(wider, TinyTask.Split(), 16, Options(steps: 3));
        Assert.Contains("another model", Assert.Throws<BadInputException>(() => trainer.Restore(checkpoint)).Message, StringComparison.Ordinal);

        DataSplit split = TinyTask.Split();
        var other = new DataSplit { Training = split.Training, Validation = split.Validation, Description = "", Fingerprint = new string('1', 64) };
        using var elsewhere = new Trainer(model, other, 16, Options(steps: 3));
        Assert.Contains("the data is not what", Assert.Throws<BadInputException>(() => elsewhere.Restore(checkpoint)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_WithAnUnknownMetric_NamesTheKnownOnes()
    {
        BadInputException error = Assert.Throws<BadInputException>(
            () => Train(Options(steps: 5) with { Validation = new ValidationOptions { EverySteps = 1, Metric = "validation/los" } }, out _));

        Assert.Contains("did you mean 'validation/loss'?", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_KeepsTheNumberOfLiveTensorsConstant()
    {
        using Model model = Model();
        var counts = new List<long>();

        // This thread's count: the process's would fall whenever a finalizer gets round to what an earlier test left behind.
        _recorder.AtStep = _ => counts.Add(DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        Train(model, Options(steps: 1000) with { Validation = new ValidationOptions { EverySteps = 100 } }, 16);

        Assert.Equal(counts[20], counts[^1]);
    }

    private static TrainingOptions Options(long steps) => new()
    {
        Optimizer = new AdamWOptions { LearningRate = 1e-2 },
        Stop = new StopOptions { Steps = steps },
        Validation = new ValidationOptions { EverySteps = 50 },
    };

    private static Model Model(double dropout = 0.1, bool batchNorm = true, int width = 8, long seed = 1)
    {
        Model model = new MlpOptions { Widths = [width], Dropout = dropout, BatchNorm = batchNorm }.Build(TinyTask.Split().Training.Shape);
        new InitializationOptions().Apply(model, seed);
        return model;
    }

    private static byte[] Bytes(Model model) => [.. model.state_dict().OrderBy(entry => entry.Key).SelectMany(entry => entry.Value.bytes.ToArray())];

    private CheckpointStore Store() => new(Path.Combine(_folder.Path, "checkpoints"));

    private RunStopped Train(TrainingOptions options, out byte[] weights)
    {
        using Model model = Model();
        RunStopped stopped = Train(model, options, 16);
        weights = Bytes(model);
        return stopped;
    }

    private RunStopped Train(
        Model model,
        TrainingOptions options,
        int batchSize,
        CheckpointStore? store = null,
        Checkpoint? from = null,
        CancellationTokenSource? cancellation = null)
    {
        using var trainer = new Trainer(model, TinyTask.Split(), batchSize, options) { Observers = [_recorder], Checkpoints = store };
        if (from is not null)
        {
            trainer.Restore(from);
        }

        return trainer.Run(cancellation?.Token ?? TestContext.Current.CancellationToken);
    }
}
