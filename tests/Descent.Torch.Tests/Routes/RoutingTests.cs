using System.Text.RegularExpressions;
using Descent.Optimizers;
using TorchSharp;
using TorchSharp.Modules;
using Xunit;
using static TorchSharp.torch;
using RuleOptions = Descent.Optimizers.OptimizerOptions;

namespace Descent.Torch.Tests.Routes;

/// <summary>Which parameter of a module takes which rule.</summary>
public sealed class RoutingTests : IDisposable
{
    private static readonly AdamWOptions AdamW = new() { LearningRate = 0.01, WeightDecay = 0.1 };
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void Roles_OfAnyModule_AreReadOffTheTypesOfItsParts()
    {
        using var module = new OwnModule();
        IParameterLayout layout = ParameterLayout.Of(module);
        var expected = new Dictionary<string, ParameterRole>
        {
            ["scale"] = ParameterRole.Norm,
            ["tokens.weight"] = ParameterRole.Embedding,
            ["convolution.weight"] = ParameterRole.HiddenMatrix,
            ["convolution.bias"] = ParameterRole.Bias,
            ["batch_norm.weight"] = ParameterRole.Norm,
            ["batch_norm.bias"] = ParameterRole.Bias,
            ["plane_norm.weight"] = ParameterRole.Norm,
            ["plane_norm.bias"] = ParameterRole.Bias,
            ["recurrent.weight_ih_l0"] = ParameterRole.HiddenMatrix,
            ["recurrent.weight_hh_l0"] = ParameterRole.HiddenMatrix,
            ["recurrent.bias_ih_l0"] = ParameterRole.Bias,
            ["recurrent.bias_hh_l0"] = ParameterRole.Bias,
            ["hidden.weight"] = ParameterRole.HiddenMatrix,
            ["hidden.bias"] = ParameterRole.Bias,
            ["output.weight"] = ParameterRole.Head,
            ["output.bias"] = ParameterRole.Bias,
        };

        Assert.Equal(expected, module.named_parameters().ToDictionary(entry => entry.name, entry => layout.RoleOf(entry.name)));
        Assert.Throws<ArgumentException>(() => layout.RoleOf("nothing"));
    }

    [Fact]
    public void OneRule_DecaysAllButNormsAndBiases()
    {
        using var module = new OwnModule();
        Routing routing = Routing.Of(module, AdamW);

        Route route = Assert.Single(routing.Routes);
        Assert.Equal(16, route.Group.Parameters.Count());
        Assert.Equal(10, route.Group.Exempt.Count);
        Assert.Equal([0.1, 0.0], routing.Table.Select(row => row.WeightDecay));
        Assert.Equal(module.parameters().Sum(parameter => parameter.numel()), routing.Table.Sum(row => row.Elements));
        Assert.Equal(8 * routing.Table.Sum(row => row.Elements), routing.Table.Sum(row => row.StateBytes));
        Assert.Equal(3, routing.ToString().Split(Environment.NewLine).Length);
    }

    /// <summary>The bytes of the table are those that the optimizer then takes: embeddings and small tensors are not encoded.</summary>
    [Theory]
    [InlineData(StateFormat.Float32)]
    [InlineData(StateFormat.Bfloat16)]
    [InlineData(StateFormat.Int8)]
    [InlineData(StateFormat.Int4)]
    public void StateBytes_AreThoseOfTheStates(StateFormat format)
    {
        using var module = nn.Sequential(("tokens", nn.Embedding(100, 64)), ("hidden", nn.Linear(64, 65)), ("norm", nn.LayerNorm(65)), ("output", nn.Linear(65, 70)));
        Routing routing = Routing.Of(module, AdamW with { StateFormat = format });
        using FusedOptimizer optimizer = FusedOptimizer.Create(routing.Groups);
        foreach (Parameter parameter in module.parameters())
        {
            parameter.grad = ones_like(parameter);
        }

        optimizer.step();

        Assert.Equal(
            OptimizerFile.Tensors(optimizer).Sum(static entry => entry.Tensor.numel() * entry.Tensor.element_size()),
            routing.Table.Sum(static row => row.StateBytes));
        if (format == StateFormat.Int8)
        {
            long small = (100 * 64) + 65 + 65 + 65 + 70;
            long encoded = 2 * (((64 * 65) + 255) / 256 + ((65 * 70) + 255) / 256) * (256 + 4);
            Assert.Equal((8 * small) + encoded, routing.Table.Sum(static row => row.StateBytes));
        }
    }

    [Fact]
    public void RuleForMatrices_LeavesTheRestToItsCompanion()
    {
        using var module = new OwnModule();
        Routing routing = Routing.Of(module, new MatrixTestOptions { LearningRate = 0.02 });

        Assert.Equal(["main", "main-companion"], routing.Routes.Select(route => route.Name));
        Assert.Equal(
            ["convolution.weight", "hidden.weight", "recurrent.weight_hh_l0", "recurrent.weight_ih_l0"],
            routing.Groups[0].Parameters.Select(entry => entry.Name).Order());
        Assert.Equal((0.02, 0.003), (routing.Groups[0].Options.LearningRate, routing.Groups[1].Options.LearningRate));
        Assert.Contains("tokens.weight", routing.Groups[1].Parameters.Select(entry => entry.Name));
        Assert.Contains("output.weight", routing.Groups[1].Parameters.Select(entry => entry.Name));
    }

    [Fact]
    public void Group_OverMatricesAndOthers_NeedsAFactorAndNoRate()
    {
        using var module = new OwnModule();
        var options = new MatrixTestOptions { LearningRate = 0.02 };
        var mixed = new ParameterGroup { Parameters = ["hidden.*"], LearningRate = 0.5 };
        Assert.Contains("groups[0]: it holds matrices", Assert.Throws<ArgumentException>(() => Routing.Of(module, options, mixed)).Message, StringComparison.Ordinal);

        Routing routing = Routing.Of(module, options, mixed with { LearningRate = null, RateFactor = 0.5 });
        Assert.Equal([0.02, 0.003, 0.01, 0.0015], routing.Groups.Select(group => group.Options.LearningRate));
    }

    [Fact]
    public void TheFirstGroupThatFits_TakesTheParameter()
    {
        using var module = new OwnModule();
        Routing routing = Routing.Of(
            module,
            AdamW,
            new ParameterGroup { Parameters = ["*norm.*"], Name = "norms", LearningRate = 0.5 },
            new ParameterGroup { Roles = [ParameterRole.Norm, ParameterRole.Bias], WeightDecay = 0.3 },
            new ParameterGroup { Dimensions = 2, Shape = ["*", "4"], Optimizer = new SgdOptions { LearningRate = 0.7 } });

        Assert.Equal(["main", "norms", "norms, biases", "all"], routing.Routes.Select(route => route.Name));
        Assert.Equal(["batch_norm.bias", "batch_norm.weight", "plane_norm.bias", "plane_norm.weight"], Names(routing, 1));
        Assert.Contains("scale", Names(routing, 2));
        Assert.DoesNotContain("batch_norm.bias", Names(routing, 2));
        Assert.Equal(["hidden.weight", "output.weight", "recurrent.weight_hh_l0", "recurrent.weight_ih_l0", "tokens.weight"], Names(routing, 3));
        Assert.Equal([0.01, 0.5, 0.01, 0.7], routing.Groups.Select(group => group.Options.LearningRate));

        // Decay is kept off norms and biases, unless a group names their role and a decay.
        Assert.Equal(4, routing.Groups[1].Exempt.Count);
        Assert.Empty(routing.Groups[2].Exempt);
        Assert.Equal(0.3, routing.Groups[2].Options.WeightDecay);
    }

    [Theory]
    [InlineData("hiden.weight", "groups[0]: no parameter is named 'hiden.weight'; did you mean 'hidden.weight'?")]
    [InlineData("recurent.*", "groups[0]: no parameter is named 'recurent.*'; did you mean 'recurrent.*'?")]
    [InlineData("somewhere.else.entirely.*", "there are scale, ")]
    public void PatternThatFitsNothing_IsAnErrorThatNamesTheNearest(string pattern, string message)
    {
        using var module = new OwnModule();
        var error = Assert.Throws<ArgumentException>(() => Routing.Of(module, AdamW, new ParameterGroup { Parameters = [pattern] }));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void GroupThatIsLeftNothing_IsAnError()
    {
        using var module = new OwnModule();
        Assert.Contains("groups[1]: all 2 parameters that it fits are taken by groups[0]", Assert.Throws<ArgumentException>(() => Routing.Of(
            module, AdamW, new ParameterGroup { Parameters = ["*"] }, new ParameterGroup { Parameters = ["hidden.*"] })).Message, StringComparison.Ordinal);
        Assert.Contains("has such a role and shape; there are hidden.weight (hidden matrices, [6, 4])", Assert.Throws<ArgumentException>(() => Routing.Of(
            module, AdamW, new ParameterGroup { Parameters = ["hidden.*"], Roles = [ParameterRole.Embedding] })).Message, StringComparison.Ordinal);
        Assert.Contains("all 16 are frozen", Assert.Throws<ArgumentException>(() => Routing.Of(
            module, AdamW, new ParameterGroup { Freeze = true })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Freeze_TurnsGradientsOff_AndLeavesTheRestToTheOptimizer()
    {
        using var module = new OwnModule();
        Routing routing = Routing.Of(module, AdamW, new ParameterGroup { Parameters = ["tokens.*", "hidden.*"], Freeze = true });

        Assert.Equal(["hidden.bias", "hidden.weight", "tokens.weight"], routing.Frozen.Order());
        Assert.All(module.named_parameters(), entry => Assert.Equal(!routing.Frozen.Contains(entry.name), entry.parameter.requires_grad));
        Assert.Equal(13, routing.Groups.Sum(group => group.Parameters.Count()));
        Assert.Equal("frozen", routing.Table[^1].Rule);

        // Once more over the same module: what is frozen still fits its pattern.
        Assert.Equal(routing.Frozen, Routing.Of(module, AdamW, new ParameterGroup { Parameters = ["tokens.*", "hidden.*"], Freeze = true }).Frozen);
        Assert.Contains("no effect", Assert.Throws<ArgumentException>(() => Routing.Of(
            module, AdamW, new ParameterGroup { Freeze = true, LearningRate = 1 })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TiedWeights_HaveOneOwner_AndAreAnEmbedding()
    {
        using var module = new TiedModule();
        Routing routing = Routing.Of(module, AdamW, new ParameterGroup { Parameters = ["output.weight"], LearningRate = 0.5 });

        Assert.Equal([0.5], routing.Groups.Select(group => group.Options.LearningRate));
        (string name, _) = Assert.Single(routing.Groups[0].Parameters);
        Assert.Equal(ParameterRole.Embedding, routing.Groups[0].Roles[name]);
    }

    /// <summary>Random lists of random patterns: every trainable parameter has one owner, the first group that fits, judged by regular expressions.</summary>
    [Fact]
    public void RandomGroups_OwnEveryTrainableParameterOnce()
    {
        string[] patterns = ["*", "*.weight", "*.bias", "hidden.*", "*norm.*", "recurrent.*_l0", "?atch_norm.*", "scale", "*t*.w*"];
        for (int seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            using var module = new OwnModule();
            string[] names = [.. module.named_parameters().Select(entry => entry.name)];
            ParameterGroup[] groups = [.. Enumerable.Range(0, random.Next(1, 5)).Select(_ => new ParameterGroup
            {
                Parameters = [patterns[random.Next(patterns.Length)]],
                RateFactor = 1 + random.NextDouble(),
            })];
            int[] owners = [.. names.Select(name => Array.FindIndex(groups, group => Regex.IsMatch(
                name, "^" + Regex.Escape(group.Parameters[0]).Replace("\\*", ".*", StringComparison.Ordinal).Replace("\\?", ".", StringComparison.Ordinal) + "$")))];
            if (Enumerable.Range(0, groups.Length).Any(group => !owners.Contains(group)))
            {
                Assert.Throws<ArgumentException>(() => Routing.Of(module, AdamW, groups));
                continue;
            }

            Routing routing = Routing.Of(module, AdamW, groups);
            using FusedOptimizer optimizer = FusedOptimizer.Create(routing.Groups);
            Assert.Equal(names.Order(), optimizer.Names.Order());
            foreach (Route route in routing.Routes)
            {
                Assert.All(route.Group.Parameters, entry => Assert.Equal(route.Pattern ?? -1, owners[Array.IndexOf(names, entry.Name)]));
            }
        }
    }

    /// <summary>What routing arranges is what a program with an optimizer of its own for every group would do.</summary>
    [Fact]
    public void RoutedStep_EqualsOptimizersOfTheirOwn()
    {
        using var routed = new OwnModule();
        using var separate = new OwnModule();
        separate.load_state_dict(routed.state_dict());
        using FusedOptimizer one = FusedOptimizer.Create(Routing.Of(
            routed, AdamW, new ParameterGroup { Parameters = ["hidden.*"], RateFactor = 3 }, new ParameterGroup { Roles = [ParameterRole.Norm, ParameterRole.Bias], LearningRate = 0.2 }).Groups);
        bool Hidden(string name) => name.StartsWith("hidden.", StringComparison.Ordinal);
        IParameterLayout layout = ParameterLayout.Of(separate);
        var rest = separate.named_parameters().Where(entry => !Hidden(entry.name)).ToLookup(entry => layout.RoleOf(entry.name).Decays());
        List<optim.Optimizer> others =
        [
            Fused.AdamW(separate.named_parameters().Where(entry => entry.name == "hidden.weight"), lr: 0.03, weight_decay: 0.1),
            Fused.AdamW(separate.named_parameters().Where(entry => entry.name == "hidden.bias"), lr: 0.03, weight_decay: 0),
            Fused.AdamW(rest[true], lr: 0.01, weight_decay: 0.1),
            Fused.AdamW(rest[false], lr: 0.2, weight_decay: 0),
        ];
        for (int step = 0; step < 3; step++)
        {
            foreach (OwnModule module in new[] { routed, separate })
            {
                foreach ((_, Parameter parameter) in module.named_parameters())
                {
                    parameter.grad = parameter.detach().sin();
                }
            }

            one.step();
            others.ForEach(optimizer => optimizer.step());
        }

        Dictionary<string, Tensor> expected = separate.state_dict();
        Assert.All(routed.named_parameters(), entry => Assert.Equal(expected[entry.name].bytes.ToArray(), entry.parameter.bytes.ToArray()));
        others.ForEach(optimizer => optimizer.Dispose());
    }

    private static IEnumerable<string> Names(Routing routing, int group) => routing.Groups[group].Parameters.Select(entry => entry.Name).Order();

#pragma warning disable IDE1006 // TorchSharp names parameters by the fields that hold them
    /// <summary>One of everything.</summary>
    private sealed class OwnModule : nn.Module<Tensor, Tensor>
    {
        private readonly Parameter scale = new(ones(4));
        private readonly Embedding tokens = nn.Embedding(10, 4);
        private readonly Conv1d convolution = nn.Conv1d(3, 5, 2);
        private readonly BatchNorm1d batch_norm = nn.BatchNorm1d(5);
        private readonly LayerNorm plane_norm = nn.LayerNorm([3, 4]);
        private readonly LSTM recurrent = nn.LSTM(4, 4);
        private readonly Linear hidden = nn.Linear(4, 6);
        private readonly Linear output = nn.Linear(4, 2);

        public OwnModule()
            : base(nameof(OwnModule)) => RegisterComponents();

        public override Tensor forward(Tensor input) => input.alias();
    }

    private sealed class TiedModule : nn.Module<Tensor, Tensor>
    {
        private readonly Embedding tokens = nn.Embedding(10, 4);
        private readonly Linear output = nn.Linear(4, 10, hasBias: false);

        public TiedModule()
            : base(nameof(TiedModule))
        {
            output.weight = tokens.weight!;
            RegisterComponents();
        }

        public override Tensor forward(Tensor input) => input.alias();
    }
#pragma warning restore IDE1006

    /// <summary>A rule for matrices, as far as routing is concerned.</summary>
    private sealed record MatrixTestOptions : RuleOptions
    {
        public override string Kind => "matrix_test";

        public override bool MatricesOnly => true;

        public override RuleOptions? Companion { get; } = new AdamWOptions { LearningRate = 0.003 };

        public override IReadOnlyList<StateTensor> State => [];

        public override UpdateKernel CreateKernel() => throw new NotSupportedException();
    }
}
