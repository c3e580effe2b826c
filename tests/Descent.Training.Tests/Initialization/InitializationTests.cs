using Descent.Torch;
using Descent.Training.Checkpoints;
using Descent.Training.Data;
using Descent.Training.Initialization;
using Descent.Training.Models;
using Descent.Training.Tests.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Descent.Training.Tests.Initialization;

public sealed class InitializationTests
{
    // One hidden matrix of 300 × 200: fan_in 200, fan_out 300.
    private const string Hidden = "layers.1.linear.weight";
    private static readonly MlpOptions Wide = new() { Widths = [200, 300, 20] };

    [Theory]
    [InlineData(InitializationKind.Normal, 0.02)]
    [InlineData(InitializationKind.Uniform, 0.05 / 1.7320508)]
    [InlineData(InitializationKind.XavierNormal, 0.0632456)]
    [InlineData(InitializationKind.XavierUniform, 0.0632456)]
    [InlineData(InitializationKind.KaimingNormal, 0.1)]
    [InlineData(InitializationKind.KaimingUniform, 0.1)]
    [InlineData(InitializationKind.Default, 0.1)]
    [InlineData(InitializationKind.TruncatedNormal, 0.02 * 0.87963)]
    public void Weights_HaveTheMomentsOfTheirDistribution(InitializationKind kind, double deviation)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor weight = Initialized(Wide, kind).state_dict()[Hidden].to(ScalarType.Float64);

        // 60,000 draws: the mean's standard error is σ/245, the deviation's at most σ/346.
        Assert.Equal(0, weight.mean().item<double>(), deviation * 5 / 245);
        Assert.Equal(1, weight.std().item<double>() / deviation, 5.0 / 346);
        double largest = weight.abs().max().item<double>() / deviation;
        Assert.True(
            kind switch
            {
                InitializationKind.Uniform or InitializationKind.XavierUniform or InitializationKind.KaimingUniform => largest is > 1.73 and <= 1.7321,
                InitializationKind.TruncatedNormal => largest is > 2.25 and < 2.28,
                _ => largest > 3.5,
            },
            $"{largest}");
    }

    [Theory]
    [InlineData("layers.1.linear.weight")]
    [InlineData("layers.2.linear.weight")]
    public void Orthogonal_HasOrthonormalRowsOrColumns(string name)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor weight = Initialized(Wide, InitializationKind.Orthogonal).state_dict()[name];
        Tensor gram = weight.shape[0] < weight.shape[1] ? weight.mm(weight.t()) : weight.t().mm(weight);
        Assert.True(gram.allclose(eye(gram.shape[0]), 1e-4, 1e-5));
    }

    [Fact]
    public void Orthogonal_OfStackedMatrices_TreatsEachOnItsOwn()
    {
        using DisposeScope scope = NewDisposeScope();
        using Model model = Initialized(TestModels.TinyGpt, InitializationKind.Orthogonal);
        foreach (Tensor part in model.state_dict()["blocks.0.attention.qkv.weight"].split(16, 0))
        {
            Assert.True(part.mm(part.t()).allclose(eye(16), 1e-4, 1e-5));
        }
    }

    [Fact]
    public void Gpt2_ScalesTheLastWeightsOfResidualBranches()
    {
        using DisposeScope scope = NewDisposeScope();
        using Model model = Initialized(new GptOptions { Layers = 8, Width = 128, Heads = 4 }, InitializationKind.Default);
        double Deviation(string name) => model.state_dict()[name].std().item<float>();
        Assert.Equal(0.02, Deviation("blocks.3.attention.qkv.weight"), 0.02 * 0.03);
        Assert.Equal(0.02, Deviation("blocks.3.mlp.up.weight"), 0.02 * 0.03);
        Assert.Equal(0.005, Deviation("blocks.3.attention.output.weight"), 0.005 * 0.04);
        Assert.Equal(0.005, Deviation("blocks.3.mlp.down.weight"), 0.005 * 0.03);
    }

    [Fact]
    public void ZeroResidual_MakesEveryBlockTheIdentity()
    {
        using DisposeScope scope = NewDisposeScope();
        using Model model = Initialized(TestModels.TinyGpt, InitializationKind.ZeroResidual);
        Tensor x = randn(1, 5, 16);
        Assert.True(model.Segments[1].call(x).allclose(x, 0, 0));
        Assert.True(model.state_dict()["blocks.0.attention.qkv.weight"].abs().sum().item<float>() > 0);
        using Model images = new CnnOptions { Channels = [4, 4] }.Build(TestModels.Images());
        new InitializationOptions { Kind = InitializationKind.ZeroResidual }.Apply(images, seed: 1);
        Assert.Equal(0f, images.state_dict()["blocks.0.second.norm.weight"].abs().sum().item<float>());
        Assert.Equal(4f, images.state_dict()["blocks.0.first.norm.weight"].sum().item<float>());
    }

    [Fact]
    public void NormsAreOneAndBiasesZero_WhateverTheKind()
    {
        using DisposeScope scope = NewDisposeScope();
        using Model model = Initialized(TestModels.TinyGpt2, InitializationKind.Orthogonal);
        foreach ((string name, var parameter) in model.named_parameters().Where(entry => !model.RoleOf(entry.name).Decays()))
        {
            float expected = model.RoleOf(name) == ParameterRole.Norm ? 1 : 0;
            Assert.True(parameter.allclose(full_like(parameter, expected), 0, 0), name);
        }
    }

    [Fact]
    public void Values_DependOnSeedAndNameAlone()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor Weight(MlpOptions options, long seed) => Initialized(options, InitializationKind.XavierNormal, seed).state_dict()[Hidden];
        manual_seed(77);
        Tensor first = Weight(Wide, 1);
        manual_seed(78);
        Assert.True(first.allclose(Weight(Wide, 1), 0, 0));
        Assert.True(first.allclose(Weight(Wide with { Widths = [200, 300], BatchNorm = true }, 1), 0, 0));
        Assert.False(first.allclose(Weight(Wide, 2)));
        Assert.NotEqual(Initializer.SeedOf(1, "a"), Initializer.SeedOf(1, "b"));
    }

    [Fact]
    public void From_TakesTheWeightsOfAFile_OrSaysWhatDoesntFit()
    {
        using DisposeScope scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        string path = folder.File("model.safetensors");
        Model source = Initialized(Wide, InitializationKind.XavierNormal);
        SafeTensors.Write(path, ModelTensors.Of(source));
        foreach (string from in new[] { path, folder.Path })
        {
            Model copy = Wide.Build(TestModels.Table());
            new InitializationOptions { From = from }.Apply(copy, seed: 9);
            Assert.All(copy.state_dict(), entry => Assert.True(entry.Value.allclose(source.state_dict()[entry.Key], 0, 0)));
        }

        string Error(MlpOptions options) =>
            Assert.Throws<BadInputException>(() => new InitializationOptions { From = path }.Apply(options.Build(TestModels.Table()), 1)).Message;
        Assert.Contains("'layers.0.linear.weight' is [200, 6] there, [100, 6] in the model", Error(Wide with { Widths = [100, 300, 20] }));
        Assert.Contains("'layers.3.linear.weight' is missing (nearest: 'layers.0.linear.weight')", Error(Wide with { Widths = [200, 300, 20, 20] }));
        Assert.Contains("'layers.2.linear.weight' is unknown", Error(Wide with { Widths = [200, 300] }));
        Assert.Throws<BadInputException>(() => new InitializationOptions { From = "/nowhere" }.Apply(source, 1));
    }

    private static Model Initialized(ModelOptions options, InitializationKind kind, long seed = 1)
    {
        DataShape shape = options is GptOptions ? TestModels.Text() : TestModels.Table();
        Model model = options.Build(shape);
        new InitializationOptions { Kind = kind }.Apply(model, seed);
        return model;
    }
}
