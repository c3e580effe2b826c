using Descent.Optimizers;
using Descent.Torch;
using Descent.Training.Checkpoints;
using Descent.Training.Configuration;
using Descent.Training.Data;
using Descent.Training.Initialization;
using Descent.Training.Models;
using Descent.Training.Parametrization;
using Descent.Training.Tests.Models;
using Descent.Training.Tests.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Descent.Training.Tests.Parametrization;

/// <summary>muP's scaling of one model: initial values, rates, multipliers, and that they come along wherever the model goes.</summary>
public sealed class MupTests : IDisposable
{
    private static readonly GptOptions Wide = new()
    {
        Layers = 2,
        Width = 64,
        Heads = 4,
        Parametrization = ParametrizationKind.Mup,
        BaseWidth = 16,
        Bias = true,
        Norm = NormKind.LayerNorm,
        TiedHead = false,
    };

    private static readonly MlpOptions WideMlp = new() { Widths = [64, 32], Parametrization = ParametrizationKind.Mup, BaseWidth = 16 };
    private readonly TemporaryFolder _folder = new();
    private readonly DisposeScope _scope = NewDisposeScope();

    public static TheoryData<string> Rules => [.. OptimizerCatalog.Names];

    public static TheoryData<string> Supported => [.. RuleFamilies.Names];

    public void Dispose()
    {
        _scope.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("gpt")]
    [InlineData("mlp")]
    public void AtTheBaseWidth_TrainingIsThatOfStandardParametrization_BitForBit(string kind)
    {
        ModelOptions standard = kind == "gpt" ? TestModels.TinyGpt2 : new MlpOptions { Widths = [16, 8] };
        ModelOptions mup = ((IScalableModel)standard).InParametrization(ParametrizationKind.Mup, 16);
        using Model one = Trained(standard), other = Trained(mup);

        Assert.Equal(1, other.WidthRatio);
        Assert.Null(other.Multipliers);
        Assert.All(one.named_parameters().Zip(other.named_parameters()), pair => Assert.Equal(pair.First.parameter.bytes.ToArray(), pair.Second.parameter.bytes.ToArray()));
        Assert.Equal(Routes.Of(one, new TrainingOptions()).ToString(), Routes.Of(other, new TrainingOptions()).ToString());

        static Model Trained(ModelOptions options)
        {
            DataSplit data = options is GptOptions ? CountingTokens.Split() : TinyTask.Split();
            Model model = options.Build(data.Training.Shape);
            new InitializationOptions().Apply(model, seed: 1);
            using var trainer = new Trainer(model, data, 8, new TrainingOptions { Stop = new StopOptions { Steps = 4 } });
            trainer.Run(TestContext.Current.CancellationToken);
            return model;
        }
    }

    [Fact]
    public void AdamW_ScalesHiddenMatrices_AndEpsilonEverywhere()
    {
        using Model model = Wide.Build(TestModels.Text());
        Routing routing = Routes.Of(model, new TrainingOptions { Optimizer = new AdamWOptions { LearningRate = 0.04, WeightDecay = 0.1, Epsilon = 1e-8 } });

        Assert.Equal(["main", "main-hidden"], routing.Routes.Select(static route => route.Name));
        (AdamWOptions main, AdamWOptions hidden) = ((AdamWOptions)routing.Groups[0].Options, (AdamWOptions)routing.Groups[1].Options);
        Assert.Equal((0.04, 0.1, 2.5e-9), (main.LearningRate, main.WeightDecay, main.Epsilon));
        Assert.Equal((0.01, 0.4, 2.5e-9), (hidden.LearningRate, hidden.WeightDecay, hidden.Epsilon));
        Assert.Equal(
            ["attention.output.weight", "attention.qkv.weight", "mlp.down.weight", "mlp.up.weight"],
            routing.Groups[1].Parameters.Where(static entry => entry.Name.StartsWith("blocks.0", StringComparison.Ordinal)).Select(static entry => entry.Name[9..]).Order());
        Assert.Contains(routing.Table, static row => row is { Group: "main-hidden", LearningRate: 0.01, WeightDecay: 0.4 });
    }

    [Fact]
    public void Sgd_ScalesWhatGrowsInOneDimension()
    {
        using Model model = WideMlp.Build(TestModels.Table());
        Routing routing = Routes.Of(model, new TrainingOptions { Optimizer = new MomentumOptions { LearningRate = 0.04, WeightDecay = 0.1 } });
        var rates = routing.Groups.SelectMany(static group => group.Parameters.Select(entry => (entry.Name, group.Options.LearningRate))).ToDictionary();

        Assert.Equal(0.16, rates["layers.0.linear.weight"]);
        Assert.Equal(0.16, rates["layers.0.linear.bias"]);
        Assert.Equal(0.04, rates["layers.1.linear.weight"]);
        Assert.Equal(0.16, rates["head.weight"]);
        Assert.Equal(0.04, rates["head.bias"]);
        Assert.All(routing.Groups, static group => Assert.Equal(0.004, group.Options.LearningRate * group.Options.WeightDecay, 1e-12));
    }

    /// <summary>What a rule does about a matrix's shape and what muP adds give √(outputs/inputs) together: 1 for hidden layers, √m for the first.</summary>
    [Theory]
    [InlineData(MuonRate.Original, 1, 1)]
    [InlineData(MuonRate.MatchRmsAdamw, 0.5, 1)]
    public void Muon_KeepsTheSpectralNormsOfUpdates(MuonRate adjustment, double hidden, double input)
    {
        using Model model = WideMlp.Build(TestModels.Table());
        Routing routing = Routes.Of(model, new TrainingOptions { Optimizer = new MuonOptions { LearningRate = 0.02, RateAdjustment = adjustment } });
        var rates = routing.Groups.SelectMany(static group => group.Parameters.Select(entry => (entry.Name, group.Options.LearningRate))).ToDictionary();

        Assert.Equal(0.02 * hidden, rates["layers.1.linear.weight"], 1e-12);
        Assert.Equal(0.02 * input, rates["layers.0.linear.weight"], 1e-12);
    }

    [Theory]
    [MemberData(nameof(Rules))]
    public void EveryRule_IsScaledOrRefused(string name)
    {
        using Model model = Wide.Build(TestModels.Text());
        var options = new TrainingOptions { Optimizer = OptimizerCatalog.Create(name) };
        if (RuleFamilies.Names.Contains(name))
        {
            // What a step takes from a weight is the same at every width; only what has no decay may have none.
            Routing routing = Routes.Of(model, options);
            double product = options.Optimizer.LearningRate * options.Optimizer.WeightDecay;
            Assert.All(routing.Routes.Where(static route => !route.IsCompanion), route => Assert.Equal(product, route.Group.Options.LearningRate * route.Group.Options.WeightDecay, 1e-15));
            Assert.Contains(routing.Routes, static route => route.Scale != RuleScale.None);
        }
        else
        {
            Assert.Contains($"for '{options.Optimizer.Kind}' no scaling with the width is known here; take one of sgd", Refusal(model, options), StringComparison.Ordinal);
        }
    }

    /// <summary>ε is the only setting that tells a rule how large gradients are: with it, a rule that divides by their size moves alike for gradients of any size.</summary>
    [Theory]
    [MemberData(nameof(Supported))]
    public void Epsilon_FollowsTheSizeOfGradients(string name)
    {
        OptimizerOptions options = OptimizerCatalog.Create(name) with { WeightDecay = 0 };
        if (RuleFamilies.Of(options) != RuleFamily.Adam || options is RAdamOptions or ScheduleFreeRAdamOptions)
        {
            // RAdam's first five steps aren't divided.
            return;
        }

        // Gradients of the size of ε, where it counts.
        float[] small = Stepped(RuleFamilies.ForGradients(options, 0.25), 0.25f * 1e-7f), large = Stepped(options, 1e-7f);
        Assert.All(small.Zip(large), pair => Assert.Equal(pair.Second, pair.First, Math.Abs(pair.Second) * 1e-5));

        static float[] Stepped(OptimizerOptions options, float size)
        {
            using Tensor values = zeros(8);
            using var parameter = new TorchSharp.Modules.Parameter(values);
            using FusedOptimizer optimizer = FusedOptimizer.Create([new FusedGroup([("p", parameter)], options)]);
            for (int step = 1; step <= 3; step++)
            {
                using Tensor gradient = tensor([.. Enumerable.Range(1, 8).Select(i => size * i * (step % 2 == 0 ? -0.5f : 1))]);
                parameter.grad = gradient;
                optimizer.Step(new StepRequest());
            }

            return parameter.data<float>().ToArray();
        }
    }

    [Theory]
    [InlineData("regularization: { l2: 0.1 }", "regularization.l1 and l2")]
    [InlineData("gradients: { clip_value: 1 }", "clip_value, clip_each and clip_adaptive (clip_norm does)")]
    [InlineData("sharpness: { rho: 0.05 }", "sharpness.rho")]
    [InlineData("optimizer: { kind: adam, weight_decay: 0.1 }", "adds its weight_decay of 0.1 to the gradient")]
    [InlineData("optimizer: lars", "no scaling with the width is known")]
    [InlineData("optimizer: { kind: muon, fallback: lamb }", "for 'lamb' no scaling")]
    [InlineData("optimizer: lbfgs", "for 'lbfgs' no scaling")]
    public void WhatDoesNotTransfer_IsRefused(string section, string expected)
    {
        RunConfiguration run = RunFile.Parse($"model: {{ kind: gpt, layers: 1, width: 16, heads: 2, parametrization: mup, base_width: 8 }}\ndata: {{ kind: text, context: 12 }}\n{section}\n", "run.yaml");
        using Model model = run.Model.Build(TestModels.Text());
        Assert.Contains(expected, Refusal(model, run.Training), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{ kind: gpt, parametrization: mup }", "parametrization mup needs base_width")]
    [InlineData("{ kind: gpt, base_width: 64 }", "base_width is 64, and parametrization standard has no base model")]
    [InlineData("{ kind: gpt, base_heads: 2 }", "base_heads is 2, and parametrization standard")]
    [InlineData("{ kind: mlp, parametrization: mup }", "parametrization mup needs base_width")]
    [InlineData("{ kind: mlp, widths: [], parametrization: mup, base_width: 4 }", "widths is empty")]
    [InlineData("{ kind: gpt, parametrization: sp }", "'model.parametrization' is 'sp'")]
    public void Settings_ThatContradictEachOther_AreRefused(string model, string expected) => Assert.Contains(
        expected,
        Assert.Throws<BadInputException>(() =>
        {
            RunConfiguration run = RunFile.Parse($"model: {model}\ndata: {{ kind: text }}\n", "run.yaml");
            run.Model.Build(run.Model is GptOptions ? TestModels.Text() : TestModels.Table()).Dispose();
        }).Message,
        StringComparison.Ordinal);

    [Theory]
    [InlineData(InitializationKind.Default)]
    [InlineData(InitializationKind.Normal)]
    [InlineData(InitializationKind.Uniform)]
    [InlineData(InitializationKind.XavierNormal)]
    [InlineData(InitializationKind.XavierUniform)]
    [InlineData(InitializationKind.KaimingNormal)]
    [InlineData(InitializationKind.KaimingUniform)]
    [InlineData(InitializationKind.Orthogonal)]
    [InlineData(InitializationKind.TruncatedNormal)]
    public void InitialValues_AreTheBaseModels_AndSmallerInHiddenLayersByTheRootOfTheRatio(InitializationKind kind)
    {
        // Four times as wide; matrices of thousands of elements, so that a deviation is known to a few per cent.
        var small = new MlpOptions { Widths = [128, 128] };
        ModelOptions large = ((IScalableModel)((IScalableModel)small).InParametrization(ParametrizationKind.Mup, 128)).AtWidth(512);
        using Model one = Initialized(small), other = Initialized(large);

        Assert.Equal(1, Deviation(other, "layers.0.linear.weight") / Deviation(one, "layers.0.linear.weight"), 0.06);
        Assert.Equal(0.5, Deviation(other, "layers.1.linear.weight") / Deviation(one, "layers.1.linear.weight"), 0.03);
        Assert.Equal(1, Deviation(other, "head.weight") / Deviation(one, "head.weight"), 0.06);

        Model Initialized(ModelOptions options)
        {
            Model model = options.Build(TestModels.Table(features: 64, outputs: 64));
            new InitializationOptions { Kind = kind }.Apply(model, seed: 3);
            return model;
        }

        static double Deviation(Model model, string name) => model.get_parameter(name)!.std().item<float>();
    }

    [Theory]
    [InlineData("gpt")]
    [InlineData("llama")]
    [InlineData("mlp")]
    public void FoldedWeights_GiveTheSameOutputsInStandardParametrization(string kind)
    {
        ModelOptions options = kind switch
        {
            "gpt" => Wide,
            "llama" => TestModels.TinyLlama with { Width = 48, Parametrization = ParametrizationKind.Mup, BaseWidth = 16, BaseHeads = 2 },
            _ => WideMlp,
        };
        DataShape shape = kind == "mlp" ? TestModels.Table() : TestModels.Text();
        using Model mup = TestModels.Initialized(options, shape, deviation: 0.5);
        using Model standard = ((IScalableModel)options).InParametrization(ParametrizationKind.Standard, 0).Build(shape);
        Tensor inputs = kind == "mlp" ? randn([5, 6], generator: new Generator(3)) : arange(24).reshape(2, 12).remainder(17);
        string saved = _folder.File("mup.safetensors"), folded = _folder.File("standard.safetensors");
        SafeTensors.Write(saved, ModelTensors.Of(mup), new Dictionary<string, string> { [WeightFold.MultipliersKey] = mup.Multipliers! });

        WeightFold.Write(saved, folded, options.Folds);
        ModelTensors.Load(standard, folded);

        using IDisposable noGrad = no_grad();
        Tensor expected = mup.call(inputs), found = standard.call(inputs);
        Assert.True(found.allclose(expected, rtol: 1e-4, atol: 1e-5), $"{(found - expected).abs().max().item<float>()}");
        Assert.Contains("the weights belong to a model with ", Assert.Throws<BadInputException>(() => ModelTensors.Load(standard, saved)).Message, StringComparison.Ordinal);
        Assert.Contains("initialization.from", Assert.Throws<BadInputException>(() => new InitializationOptions { From = folded }.Apply(mup, 1)).Message, StringComparison.Ordinal);

        // Without the factors it is another function.
        SafeTensors.Write(saved, ModelTensors.Of(mup));
        ModelTensors.Load(standard, saved);
        Assert.False(standard.call(inputs).allclose(expected, rtol: 1e-2, atol: 1e-3));
    }

    /// <summary>softmax(q·kᵀ·√(base size)/size): as the paper writes it, beside what the model does with queries.</summary>
    [Fact]
    public void QueryMultiplier_DividesProductsByTheSizeOfHeads()
    {
        Assert.Equal(Math.Sqrt(4) / 16, Wide.QueryMultiplier / Math.Sqrt(16), 1e-15);
        Assert.Equal(1, (Wide with { Heads = 16, BaseHeads = 4 }).QueryMultiplier);
        Assert.Equal(1, (Wide with { Width = 16 }).QueryMultiplier);
    }

    [Fact]
    public void Generate_Greedily_EqualsTheArgmaxOfTheWholePass()
    {
        using var model = (GptModel)TestModels.Initialized(Wide, TestModels.Text(), deviation: 0.3);
        int[] generated = [.. new TextGenerator(model).Generate([3, 1, 4], new GenerationOptions { Temperature = 0, MaximumTokens = 9 })];
        long[] all = [3, 1, 4, .. generated.Select(static token => (long)token)];
        Assert.Equal(all[3..], model.call(tensor(all).unsqueeze(0)).argmax(-1).data<long>().ToArray()[2..^1]);
    }

    [Theory]
    [InlineData(4, null, 128, 4, 32)]
    [InlineData(4, 1, 128, 8, 16)]
    [InlineData(4, 1, 32, 2, 16)]
    public void AtWidth_KeepsTheNumberOfHeadsOrTheirSize(int heads, int? baseHeads, int width, int expected, int size)
    {
        var scaled = (GptOptions)((IScalableModel)(Wide with { Heads = heads, BaseHeads = baseHeads, Hidden = 100 })).AtWidth(width);
        Assert.Equal((width, expected, size, 100 * width / 64), (scaled.Width, scaled.Heads, scaled.HeadSize, scaled.HiddenWidth));
        Assert.Equal(16, scaled.BaseWidth);
    }

    [Fact]
    public void AtWidth_OfHeadsThatGrowBothWays_IsRefused()
    {
        var error = Assert.Throws<BadInputException>(() => ((IScalableModel)(Wide with { BaseHeads = 2 })).AtWidth(32));
        Assert.Contains("heads grow from 2 to 4 and in size too", error.Message, StringComparison.Ordinal);
    }

    private static string Refusal(Model model, TrainingOptions options) => Assert.Throws<BadInputException>(() => Routes.Of(model, options)).Message;
}
