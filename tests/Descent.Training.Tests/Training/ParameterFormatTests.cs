using Descent.Optimizers;
using Descent.Torch;
using Descent.Training.Checkpoints;
using Descent.Training.Configuration;
using Descent.Training.Initialization;
using Descent.Training.Losses;
using Descent.Training.Memory;
using Descent.Training.Models;
using Descent.Training.Tests.Models;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Descent.Training.Tests.Training;

/// <summary>Matrices stored in bfloat16 and computed with in float32.</summary>
public sealed class ParameterFormatTests : IDisposable
{
    private static readonly MemoryOptions Narrow = new() { Parameters = ParameterFormat.Bfloat16 };
    private readonly TemporaryFolder _folder = new();
    private readonly DisposeScope _scope = NewDisposeScope();

    public static TheoryData<string> Models => ["gpt", "gpt2", "llama", "mlp"];

    public void Dispose()
    {
        _scope.Dispose();
        _folder.Dispose();
    }

    /// <summary>The float32 model with the same weights is the reference: its loss to the bit, its gradients rounded to the nearest.</summary>
    [Theory]
    [MemberData(nameof(Models))]
    public void LossAndGradients_AreThoseOfTheWidenedWeights(string kind)
    {
        ModelOptions options = Options(kind);
        bool text = options is GptOptions;
        using Model narrow = options.Build(text ? TestModels.Text() : TestModels.Table(), Narrow), wide = options.Build(text ? TestModels.Text() : TestModels.Table());
        var initialization = new InitializationOptions { Kind = InitializationKind.Normal, Deviation = 0.2 };
        initialization.Apply(narrow, seed: 3);
        initialization.Apply(wide, seed: 3);
        using (no_grad())
        {
            foreach ((string name, Parameter parameter) in wide.named_parameters())
            {
                Parameter stored = narrow.get_parameter(name)!;
                Assert.Equal(parameter.dim() > 1 ? ScalarType.BFloat16 : ScalarType.Float32, stored.dtype);
                Assert.True(stored.equal(parameter.to(stored.dtype)).all().item<bool>(), $"{name} is not the rounded initial value");
                parameter.copy_(stored);
            }
        }

        manual_seed(1);
        Tensor inputs = text ? randint(0, 17, [3, 12], ScalarType.Int64) : randn(5, 6), targets = text ? randint(0, 17, [3, 12], ScalarType.Int64) : randint(0, 3, [5], ScalarType.Int64);
        for (int micro = 1; micro <= 2; micro++)
        {
            Assert.Equal(Backward(wide, inputs, targets), Backward(narrow, inputs, targets));
            foreach ((string name, Parameter parameter) in wide.named_parameters())
            {
                Tensor expected = parameter.grad!, found = narrow.get_parameter(name)!.grad!;
                Assert.Equal(narrow.get_parameter(name)!.dtype, found.dtype);
                bool once = micro == 1 && !(name == "embedding.tokens" && text && ((GptOptions)options).TiedHead);

                // A second contribution (a micro-batch, a tied head) is added to a rounded sum: 2⁻⁹ of it, and 2⁻⁹ of the result; of partial sums up to the largest here.
                double tolerance = once ? 0 : Math.Pow(2, -7) * expected.abs().max().item<float>();
                Tensor rounded = once ? expected.to(found.dtype).to(ScalarType.Float32) : expected;
                Assert.True((rounded - found.to(ScalarType.Float32)).abs().max().item<float>() <= tolerance, $"the gradient of {name}, micro-batch {micro}");
            }
        }
    }

    [Fact]
    public void CrossEntropyInChunks_GivesTheRoundedGradient()
    {
        manual_seed(2);
        Tensor features = randn(20, 8), stored = randn(11, 8).bfloat16(), targets = randint(0, 11, [20], ScalarType.Int64);
        Tensor[] weights = [stored.to(ScalarType.Float32).requires_grad_(), stored.clone().requires_grad_()];
        foreach (Tensor weight in weights)
        {
            BackwardPass.Run(LinearCrossEntropy.Sum(features, weight, targets, chunkBytes: 7 * 11 * 4));
        }

        Assert.True(weights[0].grad!.bfloat16().equal(weights[1].grad!).all().item<bool>());
    }

    [Fact]
    public void FrequentTokens_LoseNothing()
    {
        // 1 + 1/256 is no bfloat16: added one by one, all but the first of 512 would be lost.
        using var weight = new Parameter(zeros(3, 1, ScalarType.BFloat16));
        Tensor rows = EmbeddingFunction.Apply(weight, zeros(513, ScalarType.Int64));
        Tensor gradient = full(513, 1, 1 / 256f);
        gradient[0] = 1;
        BackwardPass.Run(rows, gradient);
        Assert.Equal([3f, 0, 0], weight.grad!.to(ScalarType.Float32).data<float>().ToArray());
    }

    [Theory]
    [InlineData("optimizer.state=int8")]
    [InlineData("gradients.accumulate=2")]
    [InlineData("average.kind=ema")]
    public void Run_Learns_AndResumesBitForBit(string setting)
    {
        const int Steps = 60;
        string[] narrow = ["memory.parameters=bfloat16", setting];
        double expected = Train("wide", Steps, setting), found = Train("narrow", Steps, narrow);

        // 5.5 is the loss of a guess. The last step's loss is one batch's; the two runs see the same.
        Assert.InRange(found, 0.01, 3.2);
        Assert.InRange(found / expected, 0.95, 1.05);

        Train("halves", Steps / 2, narrow);
        using (TrainingRun rest = TrainingRun.Resume(_folder.File("halves"), [$"stop.steps={Steps}"]))
        {
            rest.Execute(TestContext.Current.CancellationToken);
        }

        Checkpoint whole = Newest("narrow"), halves = Newest("halves");
        Assert.Equal(File.ReadAllBytes(whole.ModelPath), File.ReadAllBytes(halves.ModelPath));
        Assert.Equal(File.ReadAllBytes(whole.OptimizerPath), File.ReadAllBytes(halves.OptimizerPath));
        using SafeTensorsFile file = SafeTensorsFile.Open(whole.ModelPath);
        Assert.Equal(ScalarType.BFloat16, file.TypeOf("blocks.0.mlp.up.weight"));
        Assert.Equal(ScalarType.Float32, file.TypeOf("head.norm.weight"));
    }

    [Fact]
    public void Generate_WithTheCache_AgreesWithTheWholePass()
    {
        using var model = (GptModel)TestModels.TinyLlama.Build(TestModels.Text(), Narrow);
        new InitializationOptions { Kind = InitializationKind.Normal, Deviation = 0.2 }.Apply(model, seed: 3);
        var tokens = new List<int> { 1, 2, 3 };
        foreach (int next in new TextGenerator(model).Generate([1, 2, 3], new GenerationOptions { MaximumTokens = 8, Temperature = 0 }))
        {
            using IDisposable noGrad = no_grad();
            Tensor logits = model.call(tensor(tokens.Select(static token => (long)token).ToArray()).unsqueeze(0));
            Assert.Equal(logits[0, -1].argmax().item<long>(), next);
            tokens.Add(next);
        }

        Assert.Equal(11, tokens.Count);
    }

    [Fact]
    public void WhatCannotStoreSo_IsRefused()
    {
        string message = Assert.Throws<BadInputException>(() => new CnnOptions().Build(TestModels.Images(), Narrow)).Message;
        Assert.Contains("model.kind cnn computes with float32 parameters only", message, StringComparison.Ordinal);

        using var own = new ModuleModel(nn.Linear(4, 1));
        message = Assert.Throws<BadInputException>(() => new Trainer(own, TinyTask.Split(), 16, new TrainingOptions { Memory = Narrow })).Message;
        Assert.Contains("keeps its parameters in float32", message, StringComparison.Ordinal);

        using Model mlp = new MlpOptions { Widths = [8] }.Build(TinyTask.Split().Training.Shape, Narrow);
        Optimizers.OptimizerOptions[] rules = [new MuonOptions(), new LambOptions(), new LbfgsOptions()];
        foreach (Optimizers.OptimizerOptions rule in rules)
        {
            message = Assert.Throws<BadInputException>(() => new Trainer(mlp, TinyTask.Split(), 16, new TrainingOptions { Memory = Narrow, Optimizer = rule })).Message;
            Assert.Contains($"'{rule.Kind}' is none", message, StringComparison.Ordinal);
        }
    }

    private static ModelOptions Options(string kind) => kind switch
    {
        "gpt" => TestModels.TinyGpt,
        "gpt2" => TestModels.TinyGpt2,
        "llama" => TestModels.TinyLlama,
        _ => new MlpOptions { Widths = [7], BatchNorm = true },
    };

    private static float Backward(Model model, Tensor inputs, Tensor targets)
    {
        using LossValue value = new CrossEntropy(new CrossEntropyOptions()).Compute(model, inputs, targets);
        BackwardPass.Run(value.Sum);
        return value.Sum.item<float>();
    }

    private Checkpoint Newest(string run) => new CheckpointStore(Path.Combine(_folder.File(run), "checkpoints")).OpenNewest(_ => { });

    /// <summary>Trains in a folder of that name and gives the validation loss of the end.</summary>
    private double Train(string name, int steps, params string[] settings)
    {
        string text = _folder.Write("text.txt", string.Join(' ', Enumerable.Range(0, 600).Select(static i => $"{i} times two is {2 * i}, and {i} is {(i % 2 == 0 ? "even" : "odd")}.")));
        string file = _folder.Write("run.yaml", $$"""
            model:      { kind: gpt, layers: 2, width: 32, heads: 4 }
            data:       { kind: text, path: '{{text}}', tokenizer: byte, context: 32, batch_size: 8 }
            optimizer:  { learning_rate: 3e-3 }
            gradients:  { clip_norm: 1 }
            sample:     { tokens: 0 }
            """);
        using TrainingRun run = TrainingRun.Start(RunFile.Load(file, [.. settings, $"stop.steps={steps}"]), _folder.File(name));
        run.Execute(TestContext.Current.CancellationToken);
        return Newest(name).State.Metrics["validation/loss"];
    }
}
