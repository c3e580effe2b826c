using Descent.Optimizers;
using Descent.Torch;
using Descent.Training.Checkpoints;
using Descent.Training.Configuration;
using Descent.Training.Memory;
using Descent.Training.Models;
using Descent.Training.Tests.Models;
using Descent.Training.Tests.Training;
using TorchSharp;
using static TorchSharp.torch;
using OptimizerOptions = Descent.Optimizers.OptimizerOptions;

namespace Descent.Training.Tests.Memory;

public sealed class UpdateInBackwardTests : IDisposable
{
    private const int Steps = 4;

    private readonly TemporaryFolder _folder = new();
    private readonly DisposeScope _scope = NewDisposeScope();

    public static TheoryData<string> Kinds => ["adamw", "int8", "schedule_free", "adafactor", "adalomo", "lamb", "muon", "value", "tensor", "block", "adaptive", "noise", "ema", "norm_unclipped"];

    public void Dispose()
    {
        _scope.Dispose();
        _folder.Dispose();
    }

    /// <summary>A tied head, dropout and two rules: whatever needs no global norm ends with the same bits as the step after backward.</summary>
    [Theory]
    [MemberData(nameof(Kinds))]
    public void Run_GivesTheBitsOfAStepAfterBackward(string kind)
    {
        TrainingOptions options = Options(kind);
        (byte[] after, Recorder told) = Train(options);
        (byte[] during, Recorder toldInBackward) = Train(options with { Memory = new MemoryOptions { Update = UpdateMoment.InBackward, Recompute = 2 } });

        Assert.Equal(after, during);
        Assert.Equal(told.Steps.Select(static step => step.Loss), toldInBackward.Steps.Select(static step => step.Loss));

        // Summed part by part: the order of the sum is another.
        Assert.Equal(told.Steps.Select(static step => step.GradientNorm), toldInBackward.Steps.Select(static step => step.GradientNorm), static (a, b) => Math.Abs(a - b) <= 1e-6 * a);
        if (kind is "value" or "tensor" or "block" or "adaptive")
        {
            Assert.Equal(
                told.Steps.Select(static step => step.ClippedNorm!.Value), toldInBackward.Steps.Select(static step => step.ClippedNorm!.Value), static (a, b) => Math.Abs(a - b) <= 1e-6 * a);
        }
    }

    [Fact]
    public void GlobalNorm_FromASecondPass_IsThatOfAStepAfterBackward()
    {
        TrainingOptions options = Options("adamw") with { Gradients = new GradientOptions { ClipNorm = 0.05 }, Optimizer = new SgdOptions { LearningRate = 1 } };
        (byte[] after, Recorder told) = Train(options);
        (byte[] during, Recorder toldInBackward) = Train(options with { Memory = new MemoryOptions { Update = UpdateMoment.InBackward } });

        Assert.All(told.Steps, static step => Assert.Equal(1, step.ClippedFraction));
        Assert.Equal(told.Steps.Select(static step => step.GradientNorm), toldInBackward.Steps.Select(static step => step.GradientNorm), static (a, b) => Math.Abs(a - b) <= 1e-5 * a);
        Assert.Equal(told.Steps.Select(static step => step.ClippedNorm!.Value), toldInBackward.Steps.Select(static step => step.ClippedNorm!.Value), static (a, b) => Math.Abs(a - b) <= 1e-5 * a);
        ReadOnlySpan<float> a = Floats(after), b = Floats(during);
        for (int i = 0; i < a.Length; i++)
        {
            Assert.Equal(a[i], b[i], 1e-5);
        }
    }

    [Fact]
    public void GlobalNorm_OfTheLastStep_ClipsByIt_AndResumes()
    {
        TrainingOptions options = Options("adamw") with
        {
            Gradients = new GradientOptions { ClipNorm = 0.5 },
            Memory = new MemoryOptions { Update = UpdateMoment.InBackward, Norm = NormSource.LastStep },
            Checkpoints = new CheckpointOptions { EverySteps = 2, KeepBest = false },
        };
        (byte[] whole, Recorder told) = Train(options);
        for (int i = 1; i < told.Steps.Count; i++)
        {
            double factor = Math.Min(1, 0.5 / (told.Steps[i - 1].GradientNorm + 1e-6));
            Assert.Equal(told.Steps[i].GradientNorm * factor, told.Steps[i].ClippedNorm!.Value, 1e-6);
        }

        Train(options with { Stop = new StopOptions { Steps = 2 } }, Store());
        (byte[] resumed, _) = Train(options, Store(), Store().OpenNewest(static _ => { }));
        Assert.Equal(whole, resumed);
    }

    [Fact]
    public void ANonFiniteGradient_IsFoundBeforeAnythingChanges_WithASecondPass()
    {
        TrainingOptions options = Options("adamw") with
        {
            Optimizer = new SgdOptions { LearningRate = 1e25 },
            Gradients = new GradientOptions { ClipNorm = 1e30, NonFinite = NonFiniteAction.Skip },
            Memory = new MemoryOptions { Update = UpdateMoment.InBackward },
        };
        using Model model = Build(options.Memory);
        using var trainer = new Trainer(model, CountingTokens.Split(), 4, options);
        RunStopped stopped = trainer.Run(TestContext.Current.CancellationToken);
        Assert.Contains("were skipped", stopped.Message, StringComparison.Ordinal);
        Assert.All(model.parameters(), static parameter => Assert.True(parameter.isfinite().all().item<bool>()));
    }

    [Theory]
    [InlineData("accumulate", "'accumulate'")]
    [InlineData("sharpness", "'sharpness'")]
    [InlineData("prodigy", "'prodigy' sums over all gradients")]
    [InlineData("lbfgs", "'lbfgs'")]
    [InlineData("skip", "memory.norm")]
    public void WhatNeedsAllGradients_IsRefused(string kind, string expected)
    {
        TrainingOptions options = Options("adamw") with { Memory = new MemoryOptions { Update = UpdateMoment.InBackward } };
        options = kind switch
        {
            "accumulate" => options with { Gradients = new GradientOptions { Accumulate = 2 } },
            "sharpness" => options with { Sharpness = new SharpnessOptions { Rho = 0.1 } },
            "prodigy" => options with { Optimizer = new ProdigyOptions() },
            "lbfgs" => options with { Optimizer = new LbfgsOptions() },
            _ => options with { Gradients = new GradientOptions { NonFinite = NonFiniteAction.Skip }, Memory = options.Memory with { Norm = NormSource.LastStep } },
        };
        string message = Assert.Throws<BadInputException>(() => Train(options)).Message;
        Assert.StartsWith("memory.update is 'in_backward'", message, StringComparison.Ordinal);
        Assert.Contains(expected, message, StringComparison.Ordinal);
    }

    /// <summary>Where parameters and states lie changes no bit, of a resumed run neither.</summary>
    [Theory]
    [InlineData(DiskUse.States, "adamw")]
    [InlineData(DiskUse.Parameters, "int8")]
    [InlineData(DiskUse.Both, "int8")]
    [InlineData(DiskUse.Both, "ema")]
    [InlineData(DiskUse.Both, "muon")]
    public void OnDisk_EndsWithTheSameBits_AndResumes(DiskUse disk, string kind)
    {
        TrainingOptions inMemory = Options(kind) with { Memory = new MemoryOptions { Update = UpdateMoment.InBackward, Recompute = 2 } };
        TrainingOptions onDisk = inMemory with { Memory = inMemory.Memory with { Disk = disk, Folder = _folder.File("scratch") } };
        (byte[] expected, _) = Train(inMemory);
        (byte[] found, _) = Train(onDisk);
        Assert.Equal(expected, found);

        Train(onDisk with { Stop = new StopOptions { Steps = 2 } }, Store());
        (byte[] resumed, _) = Train(onDisk, Store(), Store().OpenNewest(static _ => { }));
        Assert.Equal(expected, resumed);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.File("scratch")));
    }

    [Fact]
    public void OnDisk_ParametersAndStatesLieInTheFile()
    {
        TrainingOptions options = Options("int8") with { Memory = new MemoryOptions { Update = UpdateMoment.InBackward, Disk = DiskUse.Both, Folder = _folder.File("scratch") } };
        using Model model = Build(options.Memory);
        long parameters = model.Arena!.Bytes;
        Assert.True(MappedArena.Holds(model.get_parameter("blocks.0.attention.qkv.weight")!));
        using var trainer = new Trainer(model, CountingTokens.Split(), 4, options);
        trainer.Run(TestContext.Current.CancellationToken);
        Assert.True(model.Arena.Bytes > parameters, "no state lies in the file");
    }

    /// <summary>A module from code is in memory when the trainer gets it.</summary>
    [Fact]
    public void OnDisk_AModuleFromCode_MovesToTheFile()
    {
        MemoryOptions memory = new() { Update = UpdateMoment.InBackward, Disk = DiskUse.Both, Folder = _folder.File("scratch") };
        byte[][] ends = [.. new[] { memory with { Disk = DiskUse.Nothing, Folder = null }, memory }.Select(static options =>
        {
            manual_seed(3);
            using var model = new ModuleModel(nn.Sequential(("embedding", nn.Embedding(32, 64)), ("hidden", nn.Linear(64, 96)), ("act", nn.ReLU()), ("head", nn.Linear(96, 32))));
            using var trainer = new Trainer(model, CountingTokens.Split(), 4, Options("adamw") with { Memory = options });
            trainer.Run(TestContext.Current.CancellationToken);
            Assert.Equal(options.Disk == DiskUse.Both, MappedArena.Holds(model.parameters().First()));
            return model.state_dict().Values.SelectMany(static tensor => tensor.bytes.ToArray()).ToArray();
        })];
        Assert.Equal(ends[0], ends[1]);
    }

    [Theory]
    [InlineData(UpdateMoment.AfterBackward, DiskUse.States, "scratch", "in_backward")]
    [InlineData(UpdateMoment.InBackward, DiskUse.Both, null, "folder says not where")]
    [InlineData(UpdateMoment.InBackward, DiskUse.Nothing, "scratch", "leave folder out")]
    [InlineData(UpdateMoment.InBackward, DiskUse.States, "/proc/nothing", "no file can be made")]
    public void OnDisk_WithoutWhatItNeeds_IsRefused(UpdateMoment update, DiskUse disk, string? folder, string expected)
    {
        var memory = new MemoryOptions { Update = update, Disk = disk, Folder = folder };
        string message = string.Join("; ", memory.Validate());
        if (message.Length == 0)
        {
            message = Assert.Throws<BadInputException>(() => Train(Options("adamw") with { Memory = memory })).Message;
        }

        Assert.Contains(expected, message, StringComparison.Ordinal);
    }

    private static TrainingOptions Options(string kind)
    {
        OptimizerOptions rule = kind switch
        {
            "int8" => new AdamWOptions { LearningRate = 1e-2, StateFormat = StateFormat.Int8 },
            "schedule_free" => new ScheduleFreeAdamWOptions { LearningRate = 1e-2 },
            "adafactor" => new AdafactorOptions(),
            "adalomo" => new AdaLomoOptions(),
            "lamb" => new LambOptions { LearningRate = 1e-2 },
            "muon" => new MuonOptions { LearningRate = 1e-2 },
            _ => new AdamWOptions { LearningRate = 1e-2 },
        };
        GradientOptions gradients = kind switch
        {
            "value" => new GradientOptions { ClipValue = 0.01 },
            "tensor" => new GradientOptions { ClipEach = new ClipEachOptions { Norm = 0.02, By = ClipPart.Tensor } },
            "block" => new GradientOptions { ClipEach = new ClipEachOptions { Norm = 0.02, By = ClipPart.Block } },
            "adaptive" => new GradientOptions { ClipAdaptive = new AdaptiveClipOptions { Ratio = 0.01 } },
            "noise" => new GradientOptions { ClipValue = 0.05, Noise = new GradientNoiseOptions { Eta = 0.01 } },
            "norm_unclipped" => new GradientOptions { ClipNorm = 1e9 },
            _ => new GradientOptions(),
        };
        return new TrainingOptions
        {
            Optimizer = rule,
            Gradients = gradients,
            Average = kind == "ema" ? new EmaOptions { Decay = 0.5 } : new NoAverageOptions(),
            Regularization = new RegularizationOptions { L1 = 1e-4 },
            Schedule = new WarmupStableDecaySchedule { WarmupSteps = 2 },
            Stop = new StopOptions { Steps = Steps },
            Validation = new ValidationOptions { EverySteps = 2 },
        };
    }

    private static Model Build(MemoryOptions memory) => TestModels.CountingGpt(memory);

    private static (byte[] Weights, Recorder Told) Train(TrainingOptions options, CheckpointStore? store = null, Checkpoint? from = null)
    {
        using Model model = Build(options.Memory);
        var told = new Recorder();
        using var trainer = new Trainer(model, CountingTokens.Split(), 4, options) { Observers = [told], Checkpoints = store };
        if (from is not null)
        {
            trainer.Restore(from);
        }

        trainer.Run(TestContext.Current.CancellationToken);
        Assert.All(model.parameters(), parameter => Assert.True(options.Memory.Update == UpdateMoment.AfterBackward || parameter.grad is null));
        return ([.. model.state_dict().Values.SelectMany(static tensor => tensor.bytes.ToArray())], told);
    }

    private static ReadOnlySpan<float> Floats(byte[] bytes) => System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(bytes);

    private CheckpointStore Store() => new(_folder.File("checkpoints"), keepLast: 3, keepBest: false);
}
