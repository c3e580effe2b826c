using Descent.Optimizers;
using TorchSharp;
using TorchSharp.Modules;
using Xunit;
using static TorchSharp.torch;
using RuleOptions = Descent.Optimizers.OptimizerOptions;

namespace Descent.Torch.Tests.Files;

/// <summary>States that PyTorch wrote: a run moves over and goes on as it would have there.</summary>
public sealed class PyTorchStateTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public static TheoryData<string, RuleOptions> Runs => new()
    {
        { "adam", new AdamOptions() },
        { "amsgrad", new AdamOptions { AmsGrad = true } },
        { "sgd", new MomentumOptions { Nesterov = true } },
        { "rmsprop", new RmsPropOptions { Centered = true, Momentum = 0.5 } },
        { "adagrad", new AdagradOptions() },
    };

    public void Dispose() => _scope.Dispose();

    [Theory]
    [MemberData(nameof(Runs))]
    public void Load_GoesOnAsTheRunWouldHave(string name, RuleOptions rule)
    {
        using var run = new Run(name);
        using SavedOptimizer saved = SavedOptimizer.Open(run.Path);
        using FusedOptimizer optimizer = FusedOptimizer.Create(run.Parameters, saved.Groups[0].Over(rule));

        Assert.Equal("PyTorch", saved.Format);
        Assert.Empty(optimizer.Load(saved));
        Assert.Equal(0, optimizer.StepOf("layer2.weight"));
        run.GoOn(optimizer);

        // Single precision against double over five steps: a few roundings, each 6e-8 of a value near 1.
        Assert.InRange(run.LargestError(), 0, 2e-6);
    }

    // PyTorch numbers the parameters group by group, matrices before the rest; the model's order is another.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Load_OfTwoGroups_FindsWhichParameterIsWhich(bool oneGroup)
    {
        using var run = new Run("adamw");
        using SavedOptimizer saved = SavedOptimizer.Open(run.Path);
        AdamWOptions decayed = saved.Groups[0].Over(new AdamWOptions()), plain = saved.Groups[1].Over(new AdamWOptions());
        Assert.Equal((0.01, 0.1, 0.8, 0.95), (decayed.LearningRate, decayed.WeightDecay, decayed.Beta1, decayed.Beta2));
        Assert.Equal(0, plain.WeightDecay);
        HashSet<string> vectors = ["layer0.bias", "layer1.bias"];
        using FusedOptimizer optimizer = FusedOptimizer.Create(oneGroup
            ? [new FusedGroup(run.Parameters, decayed) { Exempt = vectors }]
            : [
                new FusedGroup(run.Parameters.Where(entry => vectors.Contains(entry.Name)), plain),
                new FusedGroup(run.Parameters.Where(entry => !vectors.Contains(entry.Name)), decayed),
            ]);
        optimizer.Load(saved);
        run.GoOn(optimizer);
        Assert.InRange(run.LargestError(), 0, 2e-6);
    }

    [Fact]
    public void Load_NamesTheSettingsThatDiffer()
    {
        using var run = new Run("adam");
        using FusedOptimizer optimizer = FusedOptimizer.Create(run.Parameters, new AdamOptions { LearningRate = 0.01, Beta1 = 0.8, Beta2 = 0.9 });
        IReadOnlyList<string> differences = optimizer.Load(run.Path);
        Assert.Collection(
            differences,
            text => Assert.StartsWith("betas is (0.8, 0.95) in the file", text, StringComparison.Ordinal),
            text => Assert.StartsWith("weight_decay is 0.1 in the file", text, StringComparison.Ordinal));
    }

    [Fact]
    public void Load_ServesOlderLayoutsOtherTypesAndNames()
    {
        using var first = new Parameter(zeros(3));
        using var second = new Parameter(zeros(3, 2));
        using FusedOptimizer optimizer = Fused.Adam([("first", first), ("second", second)]);
        using SavedOptimizer saved = SavedOptimizer.Open(Repository.Golden("pytorch/layouts.pt"));
        optimizer.Load(saved);

        Assert.Equal(0.125, saved.Groups[0].Settings["lr"]);
        Assert.Equal((7, 7), (optimizer.StepOf("first"), optimizer.StepOf("second")));
        Assert.Equal([6f, 9, 7, 10, 8, 11], State(optimizer, "second", "exp_avg")); // strides of a transposed tensor, within a storage of twelve
        Assert.Equal([0.5f, 0.5f, 0.5f, 0.5f, 0.5f, 0.5f], State(optimizer, "second", "exp_avg_sq"));
        Assert.Equal([1f, 2, 3], State(optimizer, "first", "exp_avg"));
        Assert.Equal([0.25f, 0.5f, 0.75f], State(optimizer, "first", "exp_avg_sq"));
    }

    [Fact]
    public void Load_OfMomentumNotBegun_BeginsAtTheFirstStep()
    {
        using var parameter = new Parameter(ones(2));
        using FusedOptimizer optimizer = Fused.SGD([("w", parameter)], 0.1, momentum: 0.9);
        parameter.grad = ones(2);
        optimizer.step();
        optimizer.Load(Repository.Golden("pytorch/sgd_begun.pt"));
        Assert.Equal(0, optimizer.StepOf("w"));
        Assert.Empty(optimizer.States);
    }

    // One step from zero leaves m = (1−β₁)g and v = (1−β₂)g² of the same g, whatever g was.
    [Theory]
    [InlineData("adam", 4)]
    [InlineData("adamw", 4)]
    [InlineData("sgd", 2)]
    [InlineData("rmsprop", 4)]
    [InlineData("adagrad", 2)]
    public void Open_OfFilesThatPyTorchItselfWrote_ReadsEveryState(string name, int parameters)
    {
        using SavedOptimizer saved = SavedOptimizer.Open(Repository.Golden($"pytorch/written-by-pytorch/{name}.pth"));
        Assert.Equal(parameters, saved.Parameters.Count);
        foreach (SavedParameter parameter in saved.Parameters)
        {
            Assert.Equal(1, parameter.Step);
            Assert.All(parameter.States.Values, state => Assert.Equal(parameter.Number % 2 == 0 ? [10L, 10] : [10L], state.Shape));
            Assert.All(parameter.States.Values, state => Assert.True(state.Read().to(ScalarType.Float32).abs().sum([0]).sum([0]).item<float>() > 0));
            SavedGroup group = saved.Groups.Single(group => group.Parameters.Contains(parameter.Number));
            if (group.Settings.TryGetValue("betas", out object? betas))
            {
                (double beta1, double beta2) = ((double)((object?[])betas!)[0]!, (double)((object?[])betas!)[1]!);
                Tensor gradient = parameter.States["exp_avg"].Read() / (1 - beta1);
                Assert.True((gradient * gradient * (1 - beta2)).allclose(parameter.States["exp_avg_sq"].Read(), rtol: 1e-5, atol: 0));
                Assert.Equal((bool)group.Settings["amsgrad"]!, parameter.States.ContainsKey("max_exp_avg_sq"));
            }
        }
    }

    [Fact]
    public void Load_ThatDoesNotFit_SaysWhyAndChangesNothing()
    {
        using var run = new Run("adam");
        Assert.Contains("keeps momentum_buffer", Refusal(run, new MomentumOptions()), StringComparison.Ordinal);
        Assert.Contains("lacks 'max_exp_avg_sq'", Refusal(run, new AdamOptions { AmsGrad = true }), StringComparison.Ordinal);
        Assert.Contains("it has 5 parameters, the optimizer 4", Refusal(run, new AdamOptions(), [.. run.Parameters[..4]]), StringComparison.Ordinal);
        (string Name, Parameter Parameter)[] swapped = [run.Parameters[1], run.Parameters[0], .. run.Parameters[2..]];
        Assert.Contains("[7, 5] instead of [7]; give the parameters in the order", Refusal(run, new AdamOptions(), swapped), StringComparison.Ordinal);

        using FusedOptimizer ordered = FusedOptimizer.Create(swapped, new AdamOptions());
        ordered.Load(run.Path, run.Parameters.Select(entry => entry.Name));
        Assert.Equal(4, ordered.StepOf("layer0.bias"));
    }

    [Fact]
    public void Weights_OfACheckpoint_AreReadByName()
    {
        using SavedWeights weights = SavedWeights.Open(Repository.Golden("pytorch/adam.pt"));
        Assert.Equal(["layer0.weight", "layer0.bias", "layer1.weight", "layer1.bias", "layer2.weight"], weights.Tensors.Keys);
        Assert.Equal([3L, 7], weights.Tensors["layer1.weight"].Shape);
        Assert.Contains("no weights", Assert.Throws<InvalidDataException>(
            () => SavedWeights.Open(Repository.Golden("pytorch/sgd_begun.pt")).Dispose()).Message, StringComparison.Ordinal);
    }

    private static string Refusal(Run run, RuleOptions rule, (string, Parameter)[]? parameters = null)
    {
        using FusedOptimizer optimizer = FusedOptimizer.Create(parameters ?? run.Parameters, rule);
        string message = Assert.Throws<InvalidDataException>(() => optimizer.Load(run.Path)).Message;
        Assert.StartsWith(run.Path, message, StringComparison.Ordinal);
        Assert.Empty(optimizer.States);
        return message;
    }

    private static float[] State(FusedOptimizer optimizer, string parameter, string state) =>
        optimizer.States.Single(entry => entry.Parameter == parameter && entry.State == state).Value.data<float>().ToArray();

    /// <summary>The parameters of a recorded run at the moment of saving, its gradients, and where it led.</summary>
    private sealed class Run : IDisposable
    {
        private const int First = 5, Last = 9;

        public Run(string name)
        {
            Path = Repository.Golden($"pytorch/{name}.pt");
            using SavedWeights weights = SavedWeights.Open(Path);
            Parameters = [.. weights.Tensors.Select(entry => (entry.Key, new Parameter(entry.Value.Read())))];
        }

        public string Path { get; }

        public (string Name, Parameter Parameter)[] Parameters { get; }

        public void GoOn(FusedOptimizer optimizer)
        {
            for (int step = First; step <= Last; step++)
            {
                for (int index = 0; index < Parameters.Length - 1; index++)
                {
                    Parameter parameter = Parameters[index].Parameter;
                    parameter.grad = tensor([.. Enumerable.Range(0, (int)parameter.numel()).Select(i => Gradient(index, i, step))], parameter.shape);
                }

                optimizer.step();
            }
        }

        public double LargestError()
        {
            using TorchArchive archive = TorchArchive.Open(Path);
            var expected = (OrderedDictionary<object, object?>)((OrderedDictionary<object, object?>)archive.Root!)["expected"]!;
            return Parameters.Max(entry =>
                (archive.Bind((TorchTensor)expected[entry.Name]!).Read() - entry.Parameter.detach()).abs().max().item<double>());
        }

        public void Dispose()
        {
            foreach ((_, Parameter parameter) in Parameters)
            {
                parameter.Dispose();
            }
        }

        // As in tools/write_pytorch_state.py.
        private static float Gradient(int index, int element, int step) =>
            (float)((Math.Sin((0.7 * element) + ((index + 1) * 0.37 * step)) + (0.1 * Math.Cos((0.37 * step) + index))) * (0.5 + index));
    }
}
