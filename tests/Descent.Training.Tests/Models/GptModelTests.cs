using Descent.Torch;
using Descent.Training.Data;
using Descent.Training.Losses;
using Descent.Training.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Descent.Training.Tests.Models;

public sealed class GptModelTests
{
    public static TheoryData<string> Kinds => ["gpt", "gpt2", "llama"];

    [Fact]
    public void Gpt2Small_HasItsKnownNumberOfParameters()
    {
        using Model model = GptOptions.Gpt2.Build(TestModels.Text(50_257, 1024));
        Assert.Equal(124_439_808, model.parameters().Sum(parameter => parameter.numel()));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Forward_IsCausal(string kind)
    {
        using Model model = TestModels.Initialized(Options(kind), TestModels.Text());
        using DisposeScope scope = NewDisposeScope();
        Tensor tokens = randint(0, 17, [1, 12], ScalarType.Int64);
        Tensor changed = tokens.clone();
        changed[0, 7] = (tokens[0, 7] + 1) % 17;
        Tensor difference = (model.call(tokens) - model.call(changed)).abs().amax([0, 2]);
        Assert.Equal(0f, difference.narrow(0, 0, 7).max().item<float>());
        Assert.True(difference.narrow(0, 7, 5).min().item<float>() > 0);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Gradients_EqualFiniteDifferences(string kind)
    {
        using DisposeScope scope = NewDisposeScope();
        using Model model = TestModels.Initialized(Options(kind), TestModels.Text()).@double();
        Tensor tokens = randint(0, 17, [2, 6], ScalarType.Int64);
        Tensor targets = randint(0, 17, [2, 6], ScalarType.Int64);
        Loss loss = new CrossEntropyOptions().Build();
        double Evaluate()
        {
            using IDisposable noGrad = no_grad();
            using DisposeScope inner = NewDisposeScope();
            return loss.Compute(model, tokens, targets).Sum.item<double>();
        }

        BackwardPass.Run(loss.Compute(model, tokens, targets).Sum);
        foreach ((string name, var parameter) in model.named_parameters())
        {
            using DisposeScope inner = NewDisposeScope();
            Tensor direction = randn_like(parameter).detach();
            double slope = parameter.grad!.mul(direction).sum().item<double>();
            const double Step = 1e-5;
            using IDisposable noGrad = no_grad();
            parameter.add_(direction, Step);
            double above = Evaluate();
            parameter.add_(direction, -2 * Step);
            double below = Evaluate();
            parameter.add_(direction, Step);
            Assert.True(Math.Abs(slope - ((above - below) / (2 * Step))) < 1e-5 * (1 + Math.Abs(slope)), name);
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Loss_FusedWithTheHead_EqualsTheLossOfTheLogits(string kind)
    {
        using DisposeScope scope = NewDisposeScope();
        using Model model = TestModels.Initialized(Options(kind), TestModels.Text());
        Tensor tokens = randint(0, 17, [2, 6], ScalarType.Int64);
        Tensor targets = randint(0, 17, [2, 6], ScalarType.Int64);
        Loss loss = new CrossEntropyOptions { LabelSmoothing = 0.1 }.Build();
        Assert.Equal(loss.Compute(model.call(tokens), targets).Mean, loss.Compute(model, tokens, targets).Mean, 1e-5);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Training_Over1000Steps_LeavesNoTensorBehind(string kind)
    {
        using Model model = TestModels.Initialized(Options(kind) with { Dropout = 0.1, Layers = 1 }, TestModels.Text());
        Loss loss = new CrossEntropyOptions().Build();
        using Tensor tokens = randint(0, 17, [2, 6], ScalarType.Int64);
        long live = 0;
        for (int step = 0; step < 1000; step++)
        {
            using (NewDisposeScope())
            {
                using LossValue value = loss.Compute(model, tokens, tokens);
                BackwardPass.Run(value.Sum);
            }

            if (step == 4)
            {
                live = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
            }
        }

        Assert.Equal(live, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void Dropout_DependsOnTheManualSeedAlone()
    {
        using Model model = TestModels.Initialized(TestModels.TinyGpt with { Dropout = 0.3 }, TestModels.Text());
        using DisposeScope scope = NewDisposeScope();
        Tensor tokens = randint(0, 17, [2, 6], ScalarType.Int64);
        Tensor Seeded(long seed)
        {
            manual_seed(seed);
            return model.call(tokens);
        }

        Tensor first = Seeded(5);
        Assert.True(first.allclose(Seeded(5), 0, 0));
        Assert.False(first.allclose(Seeded(6)));
        model.eval();
        Assert.True(Seeded(5).allclose(Seeded(6), 0, 0));
    }

    [Fact]
    public void RoleOf_TellsWhatDecays()
    {
        using Model model = (TestModels.TinyGpt2 with { TiedHead = false }).Build(TestModels.Text());
        Assert.Equal(ParameterRole.Embedding, model.RoleOf("embedding.tokens"));
        Assert.Equal(ParameterRole.Head, model.RoleOf("head.weight"));
        Assert.Equal(ParameterRole.Norm, model.RoleOf("blocks.0.mlp_norm.weight"));
        Assert.Equal(ParameterRole.Bias, model.RoleOf("blocks.0.mlp_norm.bias"));
        Assert.Equal(ParameterRole.HiddenMatrix, model.RoleOf("blocks.1.attention.qkv.weight"));
        Assert.False(ParameterRole.Norm.Decays() || ParameterRole.Bias.Decays());
        Assert.True(ParameterRole.HiddenMatrix.Decays() && ParameterRole.Embedding.Decays() && ParameterRole.Head.Decays());
    }

    [Fact]
    public void Options_ThatContradictEachOther_AreOneError()
    {
        var error = Assert.Throws<BadInputException>(() =>
            (TestModels.TinyGpt with { Width = 18, KeyValueHeads = 3 }).Build(TestModels.Text()));
        Assert.Contains("width 18 is not a multiple of heads 4", error.Message);
        Assert.Contains("key_value_heads 3", error.Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => TestModels.TinyGpt with { Dropout = 1 });
        Assert.Throws<BadInputException>(() => (TestModels.TinyGpt with { Context = 4 }).Build(TestModels.Text()));
        Assert.Contains(
            "the data is for classification; use model.kind cnn or mlp, or data.kind text", Assert.Throws<BadInputException>(() => TestModels.TinyGpt.Build(TestModels.Images())).Message, StringComparison.Ordinal);
        Assert.Contains(
            "the data is for regression; use model.kind mlp, or data.kind text",
            Assert.Throws<BadInputException>(() => TestModels.TinyGpt.Build(TestModels.Table(task: TaskKind.Regression))).Message,
            StringComparison.Ordinal);
    }

    private static GptOptions Options(string kind) => kind switch
    {
        "gpt" => TestModels.TinyGpt,
        "gpt2" => TestModels.TinyGpt2,
        _ => TestModels.TinyLlama,
    };
}
