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

/// <summary>A run goes on from another's weights and optimizer state: of Descent, of PyTorch, of an older version.</summary>
public sealed class MovedRunTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose()
    {
        _scope.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Start_FromAnotherRun_GoesOnWithItsStatesAndSteps()
    {
        string first = _folder.File("first"), second = _folder.File("second");
        Run(first, "stop.steps=3");
        var told = new List<string>();
        Run(second, told, $"initialization.from={first}", $"initialization.optimizer_state={first}", "stop.steps=2", "optimizer.beta1=0.8");

        Assert.Contains(told, text => text.Contains("(Descent, step 3)", StringComparison.Ordinal));
        Assert.Contains(told, text => text.StartsWith("note: the rule was AdamWOptions", StringComparison.Ordinal));
        using SavedOptimizer saved = SavedOptimizer.Open(NewestOf(second).OptimizerPath);
        Assert.All(saved.Parameters, parameter => Assert.Equal(5, parameter.Step));
        Assert.Equal(2, NewestOf(second).State.Step);
    }

    [Theory]
    [InlineData("/nowhere", "optimizer_state is '/nowhere', which doesn't exist")]
    [InlineData("pytorch/adam.pt", "(PyTorch) does not fit: it has 5 parameters, the optimizer 4")]
    public void Start_FromAStateThatDoesNotFit_WritesNothing(string state, string expected)
    {
        string path = state[0] == '/' ? state : Path.Combine(SharedData.Root, "tests", "Golden", state);
        string message = Assert.Throws<BadInputException>(() => Run(_folder.File("run"), $"initialization.optimizer_state={path}")).Message;
        Assert.Contains(expected, message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.File("run")));
    }

    [Fact]
    public void From_TakesTheWeightsOfAPyTorchCheckpoint()
    {
        using var module = nn.Sequential(("layer0", nn.Linear(5, 7)), ("layer1", nn.Linear(7, 3)), ("layer2", nn.Linear(2, 2, hasBias: false)));
        using var model = new ModuleModel(module);
        new InitializationOptions { From = Path.Combine(SharedData.Root, "tests/Golden/pytorch/adam.pt") }.Apply(model, seed: 1);
        using SavedWeights weights = SavedWeights.Open(Path.Combine(SharedData.Root, "tests/Golden/pytorch/adam.pt"));
        Assert.All(module.state_dict(), entry => Assert.Equal(weights.Tensors[entry.Key].Read().bytes.ToArray(), entry.Value.bytes.ToArray()));
    }

    // Schema 1 had the steps in trainer.json and said nothing in the optimizer's file.
    [Fact]
    public void Restore_OfACheckpointOfSchema1_IsBitIdentical()
    {
        var store = new CheckpointStore(_folder.File("checkpoints"));
        using Model straight = Mlp();
        using (Trainer whole = Trainer(straight, 6))
        {
            whole.Run(TestContext.Current.CancellationToken);
        }

        using Model model = Mlp();
        using (Trainer half = Trainer(model, 3, store))
        {
            half.Run(TestContext.Current.CancellationToken);
        }

        Checkpoint newest = store.OpenNewest(_ => { });
        using (SavedOptimizer saved = SavedOptimizer.Open(newest.OptimizerPath))
        using (SafeTensorsFile tensors = SafeTensorsFile.Open(newest.OptimizerPath))
        {
            new CheckpointStore(_folder.File("old")).Save(
                newest.State with { SchemaVersion = 1, ParameterSteps = saved.Parameters.ToDictionary(parameter => parameter.Name!, parameter => parameter.Step) },
                ModelTensors.Of(model),
                [.. tensors.Names.Select(name => (name, tensors.Read(name)))]);
        }

        Checkpoint old = new CheckpointStore(_folder.File("old")).OpenNewest(_ => { });
        Assert.False(OptimizerFile.DescribesItself(old.OptimizerPath));
        using Model resumed = Mlp(seed: 2);
        using (Trainer rest = Trainer(resumed, 6))
        {
            rest.Restore(old);
            rest.Run(TestContext.Current.CancellationToken);
        }

        Assert.All(straight.state_dict(), entry => Assert.Equal(entry.Value.bytes.ToArray(), resumed.state_dict()[entry.Key].bytes.ToArray()));
    }

    /// <summary>Codes and scales go through the checkpoint as they are, so a run with encoded states resumes bit for bit; and the run file asks for them.</summary>
    [Theory]
    [InlineData("int8", StateFormat.Int8)]
    [InlineData("int4", StateFormat.Int4)]
    [InlineData("bfloat16", StateFormat.Bfloat16)]
    public void Restore_OfEncodedStates_IsBitIdentical(string name, StateFormat format)
    {
        string file = _folder.Write("run.yaml", "model: { kind: mlp, widths: [70, 70] }\ndata: { kind: csv, path: x.csv, target: y }\n");
        TrainingOptions options = RunFile.Load(file, [$"optimizer.state={name}"]).Training;
        Assert.Equal(format, options.Optimizer.StateFormat);
        var store = new CheckpointStore(_folder.File("checkpoints"));
        using Model straight = Wide(seed: 1), half = Wide(seed: 1), resumed = Wide(seed: 2);
        Train(straight, 6, null, null);
        Train(half, 3, store, null);
        Checkpoint newest = store.OpenNewest(_ => { });
        using (SafeTensorsFile saved = SafeTensorsFile.Open(newest.OptimizerPath))
        {
            Assert.Contains(saved.Names, tensor => format == StateFormat.Bfloat16
                ? saved.TypeOf(tensor) == ScalarType.BFloat16
                : tensor.EndsWith($"/exp_avg_sq.{name}.scales", StringComparison.Ordinal));
        }

        Train(resumed, 6, null, newest);
        Assert.All(straight.state_dict(), entry => Assert.Equal(entry.Value.bytes.ToArray(), resumed.state_dict()[entry.Key].bytes.ToArray()));

        void Train(Model model, long steps, CheckpointStore? checkpoints, Checkpoint? from)
        {
            using Trainer trainer = new(model, TinyTask.Split(), 16, options with { Stop = new StopOptions { Steps = steps } }) { Checkpoints = checkpoints };
            if (from is not null)
            {
                trainer.Restore(from);
            }

            trainer.Run(TestContext.Current.CancellationToken);
        }
    }

    private static Model Wide(long seed)
    {
        Model model = new MlpOptions { Widths = [70, 70] }.Build(TinyTask.Split().Training.Shape);
        new InitializationOptions().Apply(model, seed);
        return model;
    }

    private static Model Mlp(long seed = 1)
    {
        Model model = new MlpOptions { Widths = [8] }.Build(TinyTask.Split().Training.Shape);
        new InitializationOptions().Apply(model, seed);
        return model;
    }

    private static Trainer Trainer(Model model, long steps, CheckpointStore? store = null) =>
        new(model, TinyTask.Split(), 16, new TrainingOptions { Optimizer = new AdamWOptions(), Stop = new StopOptions { Steps = steps } }) { Checkpoints = store };

    private static Checkpoint NewestOf(string run) => new CheckpointStore(Path.Combine(run, "checkpoints")).OpenNewest(_ => { });

    private void Run(string path, params string[] settings) => Run(path, [], settings);

    private void Run(string path, List<string> told, params string[] settings)
    {
        string table = _folder.Write("table.csv", string.Join('\n', Enumerable.Range(1, 60).Select(i => $"{i},{i * i % 17},{(i % 2 == 0 ? "even" : "odd")}").Prepend("a,b,y")));
        string file = _folder.Write("run.yaml", $"model: {{ kind: mlp, widths: [4] }}\ndata: {{ kind: csv, path: '{table}', target: y, batch_size: 8 }}\nstop: {{ steps: 2 }}\n");
        using TrainingRun run = TrainingRun.Start(RunFile.Load(file, settings), path, progress: new Told(told));
        run.Execute(TestContext.Current.CancellationToken);
    }

    private sealed class Told(List<string> texts) : IProgress<string>
    {
        public void Report(string value) => texts.Add(value);
    }
}
