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

/// <summary>Settings that change with the step do what the setting, set by hand at every step, does; and a resumed run goes on with the same bits.</summary>
public sealed class ScheduledRunTests : IDisposable
{
    private const int Steps = 6;
    private readonly TemporaryFolder _folder = new();
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly Recorder _recorder = new();

    public static TheoryData<string> Keys => [.. Cases.Keys];

    /// <summary>From, to, and the run with the setting at a value, written without the code under test.</summary>
    private static Dictionary<string, (double From, double To, Func<TrainingOptions, double, TrainingOptions> Set)> Cases { get; } = new()
    {
        ["optimizer.learning_rate"] = (0.02, 0, (options, value) => options with { Optimizer = AdamW(options) with { LearningRate = value } }),
        ["optimizer.weight_decay"] = (0.5, 0.1, (options, value) => options with { Optimizer = AdamW(options) with { WeightDecay = value } }),
        ["optimizer.beta1"] = (0.8, 0.95, (options, value) => options with { Optimizer = AdamW(options) with { Beta1 = value } }),
        ["optimizer.beta2"] = (0.9, 0.99, (options, value) => options with { Optimizer = AdamW(options) with { Beta2 = value } }),
        ["optimizer.epsilon"] = (1e-2, 1e-6, (options, value) => options with { Optimizer = AdamW(options) with { Epsilon = value } }),
        ["groups[0].weight_decay"] = (0.7, 0, (options, value) => options with { Groups = [options.Groups[0] with { WeightDecay = value }, options.Groups[1]] }),
        ["groups[1].optimizer.momentum"] = (0.5, 0.9, (options, value) =>
            options with { Groups = [options.Groups[0], options.Groups[1] with { Optimizer = (MomentumOptions)options.Groups[1].Optimizer! with { Momentum = value } }] }),
        ["gradients.clip_norm"] = (0.5, 0.01, (options, value) => options with { Gradients = options.Gradients with { ClipNorm = value } }),
        ["gradients.accumulate"] = (1, 3, (options, value) => options with { Gradients = options.Gradients with { Accumulate = (int)Math.Round(value, MidpointRounding.AwayFromZero) } }),
        ["regularization.l1"] = (0.1, 0, (options, value) => options with { Regularization = options.Regularization with { L1 = value } }),
        ["regularization.l2"] = (0, 0.1, (options, value) => options with { Regularization = options.Regularization with { L2 = value } }),
        ["regularization.dropout"] = (0, 0.5, (options, _) => options),
        ["model.dropout"] = (0.6, 0.1, (options, _) => options),
        ["data.batch_size"] = (4, 20, (options, _) => options),
    };

    public void Dispose()
    {
        _scope.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [MemberData(nameof(Keys))]
    public void Schedule_OfASetting_EqualsSettingItAtEveryStep(string key)
    {
        (double from, double to, Func<TrainingOptions, double, TrainingOptions> set) = Cases[key];
        using Model scheduled = Model();
        Train(scheduled, Options() with { Schedules = Line(key, from, to) });
        Assert.Empty(_recorder.Warnings);
        Assert.Equal(from, _recorder.Steps[0].Settings![key], 1e-12);

        using Model unscheduled = Model();
        Train(unscheduled, Options());
        Assert.NotEqual(Bytes(unscheduled), Bytes(scheduled));

        Model? byHand = null;
        for (int step = 0; step < Steps; step++)
        {
            double value = to + ((from - to) * (1 - ((double)step / Steps)));
            byHand?.Dispose();
            byHand = Model(key.EndsWith("dropout", StringComparison.Ordinal) ? value : 0.2);
            TrainingOptions options = set(Options(), value) with { Stop = new StopOptions { Steps = step + 1 } };
            int batchSize = key == "data.batch_size" ? (int)Math.Round(value, MidpointRounding.AwayFromZero) : 8;
            Train(byHand, options, batchSize, Store(), step == 0 ? null : Store().OpenNewest(_ => { }));
        }

        // The interpolated value may differ in its last bit.
        foreach ((string name, Tensor tensor) in byHand!.state_dict())
        {
            Assert.True(allclose(tensor, scheduled.state_dict()[name], rtol: 1e-6, atol: 1e-7), name);
        }

        byHand.Dispose();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(13)]
    [InlineData(20)]
    [InlineData(39)]
    public void Resume_InTheMiddleOfSchedules_GivesTheSameBits(int interrupted)
    {
        TrainingOptions options = Options() with
        {
            Stop = new StopOptions { Steps = 40 },
            Schedule = new CosineSchedule { WarmupSteps = 4 },
            Groups = [new ParameterGroup { Roles = [ParameterRole.Head], Schedule = new PolynomialSchedule() }],
            Schedules = new Dictionary<string, ScheduledValue>
            {
                ["data.batch_size"] = new() { Shape = new MultiStepSchedule { Milestones = [10, 15, 20], Gamma = 2 }, From = 3 },
                ["optimizer.beta1"] = new() { Shape = new OneCycleSchedule(), From = 0.85, To = 0.95 },
                ["optimizer.beta2"] = new() { From = 0.9, To = 0.999 },
                ["optimizer.weight_decay"] = new() { Shape = new CosineSchedule(), From = 0.3, To = 0.01 },
                ["model.dropout"] = new() { From = 0, To = 0.4, Start = 5, Steps = 20 },
                ["gradients.clip_norm"] = new() { Shape = new ExponentialSchedule(), From = 2 },
                ["gradients.accumulate"] = new() { Shape = new StepSchedule { StepSize = 12, Gamma = 2 }, From = 1 },
            },
        };
        using Model whole = Model();
        Train(whole, options);

        using Model first = Model();
        using var cancellation = new CancellationTokenSource();
        _recorder.AtStep = step =>
        {
            if (step == interrupted)
            {
                cancellation.Cancel();
            }
        };
        Train(first, options, store: Store(), cancellation: cancellation);
        Assert.NotEqual(Bytes(whole), Bytes(first));
        _recorder.AtStep = _ => { };
        using Model second = Model(seed: 99);
        Train(second, options, store: Store(), from: Store().OpenNewest(_ => { }));

        Assert.Equal(Bytes(whole), Bytes(second));
    }

    [Fact]
    public void BatchesThatGrow_CountEverySample_AndEndWithTheEpoch()
    {
        // 64 samples: 4 steps of 8, 2 of 16, and so on; a pass never splits a batch.
        RunStopped stopped = Train(Model(), Options() with
        {
            Stop = new StopOptions { Epochs = 3 },
            Schedules = new Dictionary<string, ScheduledValue> { ["data.batch_size"] = new() { Shape = new MultiStepSchedule { Milestones = [4, 6], Gamma = 2 }, From = 8 } },
        });

        Assert.Equal(StopReason.Epochs, stopped.Reason);
        Assert.Equal([0.125, 0.25, 0.375, 0.5, 0.75, 1, 1.5, 2, 2.5, 3], _recorder.Steps.Select(step => step.Epoch));
        Assert.Equal([8.0, 16, 32], _recorder.Steps.Where(step => step.Settings is not null).Select(step => step.Settings!["data.batch_size"]));
    }

    /// <summary>Smith's policy as torch.optim.lr_scheduler.OneCycleLR has it: momentum falls along a cosine while the rate climbs, and comes back.</summary>
    [Fact]
    public void OneCycle_WithTheLowerValueFirst_TurnsMomentumAgainstTheRate()
    {
        var momentum = new ScheduledValue { Shape = new OneCycleSchedule { InitialDivisor = 1e15 }, From = 0.85, To = 0.95 };
        const int Total = 100;
        for (int step = 0; step < Total; step++)
        {
            double top = (0.3 * Total) - 1, end = Total - 1;
            double expected = step <= top ? Anneal(0.95, 0.85, step / top) : Anneal(0.85, 0.95, (step - top) / (end - top));
            Assert.Equal(expected, momentum.At(step, Total, 0), 1e-12);
        }

        static double Anneal(double start, double end, double part) => end + ((start - end) / 2 * (1 + Math.Cos(Math.PI * part)));
    }

    [Theory]
    [InlineData("optimizer.beta3", "did you mean 'beta1'?")]
    [InlineData("optimizer.ams_grad", "'optimizer.ams_grad' is no number")]
    [InlineData("stop.steps", "'stop.steps' can't change with the step; what can are numbers of optimizer, groups, gradients, regularization, data.batch_size and model.dropout")]
    [InlineData("groups[7].weight_decay", "there is nothing at 'groups[7].weight_decay'")]
    [InlineData("optimizer.beta2", "schedules: at step 0, 'optimizer.beta2' is 2; allowed: at least 0 and below 1")]
    [InlineData("data.batch_size", "schedules: at step 5, 'data.batch_size' is 0; allowed: 1 to 1048576")]
    public void Schedule_OfWhatCannotBe_IsAnErrorThatSaysWhy(string key, string message)
    {
        string said = Assert.Throws<BadInputException>(() => Train(Model(), Options() with { Schedules = Line(key, 2, 0) })).Message;
        Assert.Contains(message, said, StringComparison.Ordinal);
    }

    [Fact]
    public void Schedule_WithoutEffect_IsAWarning()
    {
        Dictionary<string, ScheduledValue> schedules = new()
        {
            ["optimizer.beta1"] = new() { From = 0.5, To = 0.9 },
            ["gradients.clip_norm"] = new() { Shape = new ConstantSchedule(), From = 1 },
            ["model.dropout"] = new() { From = 0.1, To = 0.2 },
        };
        using var module = new ModuleModel(nn.Sequential(("flat", nn.Flatten()), ("linear", nn.Linear(4, 1))));
        Train(module, Options() with { Schedules = schedules, Groups = [new ParameterGroup { Optimizer = new SgdOptions() }] });

        Assert.Equal(3, _recorder.Warnings.Count);
        Assert.Contains("'gradients.clip_norm' is 1 at every step", _recorder.Warnings[0], StringComparison.Ordinal);
        Assert.Contains("the model has no dropout", _recorder.Warnings[1], StringComparison.Ordinal);
        Assert.Contains("no group of parameters takes 'optimizer.beta1'", _recorder.Warnings[2], StringComparison.Ordinal);
    }

    [Fact]
    public void Rates_OfGroups_AreReported()
    {
        Train(Model(), Options() with
        {
            Schedule = new CosineSchedule(),
            Groups = [new ParameterGroup { Roles = [ParameterRole.Head], RateFactor = 0.5 }, new ParameterGroup { Roles = [ParameterRole.Bias], Schedule = new ConstantSchedule() }],
        });

        Assert.All(_recorder.Steps, step =>
        {
            Assert.Equal(["main", "head", "biases"], step.LearningRates!.Keys);
            Assert.Equal(step.LearningRate, step.LearningRates["main"], 1e-15);
            Assert.Equal(step.LearningRate / 2, step.LearningRates["head"], 1e-15);
            Assert.Equal(0.01, step.LearningRates["biases"], 1e-15);
        });
    }

    [Fact]
    public void RunFile_TakesAScheduleWhereANumberStands()
    {
        const string Inline = """
            model: { kind: mlp, dropout: { from: 0, to: 0.2 } }
            data:  { kind: csv, path: x.csv, batch_size: { kind: multi_step, milestones: [10], gamma: 2, from: 8 } }
            optimizer: { kind: adamw, weight_decay: { kind: cosine, from: 0.1, to: 0.01 }, beta2: 0.98 }
            groups: [{ roles: head, weight_decay: { from: 0.5 } }]
            gradients: { clip_norm: { kind: step, from: 1 } }
            """;
        const string Section = """
            model: { kind: mlp, dropout: 0 }
            data:  { kind: csv, path: x.csv, batch_size: 8 }
            optimizer: { kind: adamw, weight_decay: 0.1, beta2: 0.98 }
            groups: [{ roles: head, weight_decay: 0.5 }]
            gradients: { clip_norm: 1 }
            schedules:
              model: { dropout: { from: 0, to: 0.2 } }
              data.batch_size: { kind: multi_step, milestones: [10], gamma: 2, from: 8 }
              optimizer.weight_decay: { kind: cosine, from: 0.1, to: 0.01 }
              groups[0].weight_decay: { from: 0.5 }
              gradients.clip_norm: { kind: step, from: 1 }
            """;
        RunConfiguration inline = RunFile.Parse(Inline, "inline.yaml");
        Assert.Equal(RunFile.Write(RunFile.Parse(Section, "section.yaml")), RunFile.Write(inline));
        Assert.Equal(RunFile.Write(inline), RunFile.Write(RunFile.Parse(RunFile.Write(inline), "again.yaml")));
        Assert.Equal(new CosineSchedule(), inline.Training.Schedules["optimizer.weight_decay"].Shape);
        Assert.Equal((0.1, 0.01), (inline.Training.Schedules["optimizer.weight_decay"].From, inline.Training.Schedules["optimizer.weight_decay"].To));
        Assert.Equal(8, inline.Data.BatchSize);

        RunConfiguration set = RunFile.Parse(Section, "set.yaml", ["optimizer.beta2={ kind: cosine, from: 0.9, to: 0.99 }", "groups[0].rate_factor=0.5"]);
        Assert.Equal(6, set.Training.Schedules.Count);
        Assert.Equal(0.5, set.Training.Groups[0].RateFactor);
    }

    [Theory]
    [InlineData("optimizer: { beta1: { kind: cosin, from: 1 } }", "unknown kind 'cosin' in 'optimizer.beta1'; did you mean 'cosine'?")]
    [InlineData("optimizer: { beta1: { form: 1 } }", "unknown key 'optimizer.beta1.form'; did you mean 'from'?")]
    [InlineData("gradients: { clip_norm: { to: 1 } }", "'gradients.clip_norm' has no value of its own; say where it begins, with 'from'")]
    [InlineData("optimizer: { beta1: { kind: reduce_on_plateau, from: 0.9 } }", "reduce_on_plateau follows a metric")]
    [InlineData("stop: { steps: { from: 3 } }", "'stop.steps' can't change with the step")]
    public void RunFile_WithAWrongSchedule_SaysWhere(string line, string message)
    {
        string said = Assert.Throws<BadInputException>(() => RunFile.Parse($"model: mlp\ndata: {{ kind: csv, path: x.csv }}\n{line}\n", "x.yaml")).Message;
        Assert.StartsWith("x.yaml:3: ", said, StringComparison.Ordinal);
        Assert.Contains(message, said, StringComparison.Ordinal);
    }

    private static AdamWOptions AdamW(TrainingOptions options) => (AdamWOptions)options.Optimizer;

    private static Dictionary<string, ScheduledValue> Line(string key, double from, double to) => new() { [key] = new ScheduledValue { From = from, To = to } };

    private static TrainingOptions Options() => new()
    {
        Optimizer = new AdamWOptions { LearningRate = 1e-2 },
        Groups = [new ParameterGroup { Parameters = ["layers.0.*"] }, new ParameterGroup { Parameters = ["head.weight"], Optimizer = new MomentumOptions { LearningRate = 0.01 } }],
        Stop = new StopOptions { Steps = Steps },
        Validation = new ValidationOptions { EverySteps = 0 },
        Checkpoints = new CheckpointOptions { KeepBest = false },
    };

    private static Model Model(double dropout = 0.2, long seed = 1)
    {
        Model model = new MlpOptions { Widths = [8, 8], Dropout = dropout }.Build(TinyTask.Split().Training.Shape);
        new InitializationOptions().Apply(model, seed);
        return model;
    }

    private static byte[] Bytes(Model model) => [.. model.state_dict().OrderBy(entry => entry.Key).SelectMany(entry => entry.Value.bytes.ToArray())];

    private CheckpointStore Store() => new(Path.Combine(_folder.Path, "checkpoints"));

    private RunStopped Train(
        Model model, TrainingOptions options, int batchSize = 8, CheckpointStore? store = null, Checkpoint? from = null, CancellationTokenSource? cancellation = null)
    {
        _recorder.Steps.Clear();
        _recorder.Warnings.Clear();
        using var trainer = new Trainer(model, TinyTask.Split(), batchSize, options) { Observers = [_recorder], Checkpoints = store };
        if (from is not null)
        {
            trainer.Restore(from);
        }

        return trainer.Run(cancellation?.Token ?? TestContext.Current.CancellationToken);
    }
}
