using Descent.Optimizers;
using Descent.Torch;
using Descent.Training.Configuration;
using Descent.Training.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Descent.Training.Tests.Models;

/// <summary>Roles of Descent's own models, and the groups of run files.</summary>
public sealed class RoutingTests
{
    public static TheoryData<string> Kinds => [.. Cases.Keys];

    private static Dictionary<string, (Func<Model> Build, string[] Hidden, string[] Embeddings, string[] Head)> Cases { get; } = new()
    {
        ["gpt, tied"] = (
            () => TestModels.TinyGpt2.Build(TestModels.Text()),
            [.. Blocks("attention.qkv.weight", "attention.output.weight", "mlp.up.weight", "mlp.down.weight")],
            ["embedding.positions", "embedding.tokens"],
            []),
        ["gpt, untied"] = (
            () => TestModels.TinyLlama.Build(TestModels.Text()),
            [.. Blocks("attention.qkv.weight", "attention.output.weight", "mlp.gate_up.weight", "mlp.down.weight")],
            ["embedding.tokens"],
            ["head.weight"]),
        ["mlp"] = (
            () => new MlpOptions { Widths = [8, 8], BatchNorm = true }.Build(TestModels.Table()),
            ["layers.0.linear.weight", "layers.1.linear.weight"],
            [],
            ["head.weight"]),
        ["cnn"] = (
            () => new CnnOptions { Channels = [4, 8] }.Build(TestModels.Images()),
            ["blocks.0.first.weight", "blocks.0.second.weight", "blocks.1.first.weight", "blocks.1.second.weight", "blocks.1.shortcut.weight", "stem.weight"],
            [],
            ["head.weight"]),
        ["module"] = (
            () => new ModuleModel(nn.Sequential(("first", nn.Linear(4, 8)), ("norm", nn.LayerNorm(8)), ("last", nn.Linear(8, 2)))),
            ["first.weight"],
            [],
            ["last.weight"]),
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Routing_OfAModel_KnowsWhatEveryParameterIs(string kind)
    {
        var (build, hidden, embeddings, head) = Cases[kind];
        using Model model = build();
        FusedGroup group = Assert.Single(Routes.Of(model, new TrainingOptions()).Groups);

        Assert.Equal(hidden.Order(StringComparer.Ordinal), With(ParameterRole.HiddenMatrix));
        Assert.Equal(embeddings, With(ParameterRole.Embedding));
        Assert.Equal(head, With(ParameterRole.Head));
        Assert.Equal(model.named_parameters().Select(entry => entry.name).Order(), group.Parameters.Select(entry => entry.Name).Order());
        Assert.Equal(With(ParameterRole.Norm).Concat(With(ParameterRole.Bias)).Order(StringComparer.Ordinal), group.Exempt.Order(StringComparer.Ordinal));
        Assert.All(group.Exempt, name => Assert.Equal(1, group.Parameters.Single(entry => entry.Name == name).Parameter.dim()));

        IEnumerable<string> With(ParameterRole role) => group.Roles.Where(entry => entry.Value == role).Select(entry => entry.Key).Order(StringComparer.Ordinal);
    }

    [Fact]
    public void Groups_OfARunFile_AreReadAndWrittenBack()
    {
        const string Yaml = """
            model: { kind: gpt, layers: 1, width: 16, heads: 2, tied_head: false }
            data:  { kind: text, context: 16 }
            groups:
              - { parameters: embedding.*, freeze: true }
              - { parameters: ["blocks.*.attention.*", "head.weight"], name: mine, rate_factor: 0.5, schedule: { kind: cosine, warmup_steps: 3 } }
              - { roles: [norm, bias], shape: [16], optimizer: { kind: sgd, learning_rate: 0.25 } }
            """;
        RunConfiguration configuration = RunFile.Parse(Yaml, "run.yaml");
        RunConfiguration again = RunFile.Parse(RunFile.Write(configuration), "again.yaml");

        Assert.Equal(RunFile.Write(configuration), RunFile.Write(again));
        Assert.Equal(["blocks.*.attention.*", "head.weight"], again.Training.Groups[1].Parameters);
        Assert.Equal(new CosineSchedule { WarmupSteps = 3 }, again.Training.Groups[1].Schedule);
        using Model model = configuration.Model.Build(TestModels.Text());
        Routing routing = Routes.Of(model, again.Training);
        Assert.Equal(["main", "mine", "norms, biases"], routing.Routes.Select(route => route.Name));
        Assert.Equal([1e-3, 5e-4, 0.25], routing.Groups.Select(group => group.Options.LearningRate));
        Assert.Equal(["embedding.tokens"], routing.Frozen);
    }

    [Theory]
    [InlineData("{ parameters: block.* }", "groups[0]: no parameter is named 'block.*'; did you mean 'blocks.*'?")]
    [InlineData("{ freeze: true, learning_rate: 1 }", "run.yaml:4: 'groups[0]': freeze leaves the parameters as they are")]
    [InlineData("{ roles: embeding }", "'groups[0].roles[0]' is 'embeding'; did you mean 'embedding'?")]
    [InlineData("{ shape: [a] }", "'groups[0].shape' has 'a' in it; allowed: whole numbers and *")]
    [InlineData("{ rate: 1 }", "unknown key 'groups[0].rate'")]
    public void Groups_ThatAreWrong_AreErrorsThatSayWhere(string group, string message)
    {
        string yaml = $"model: {{ kind: gpt, layers: 1, width: 16, heads: 2 }}\ndata:  {{ kind: text, context: 16 }}\ngroups:\n  - {group}\n";
        string said = Assert.Throws<BadInputException>(() =>
        {
            RunConfiguration configuration = RunFile.Parse(yaml, "run.yaml");
            using Model model = configuration.Model.Build(TestModels.Text());
            Routes.Of(model, configuration.Training);
        }).Message;
        Assert.Contains(message, said, StringComparison.Ordinal);
    }

    private static IEnumerable<string> Blocks(params string[] names) => Enumerable.Range(0, 2).SelectMany(block => names.Select(name => $"blocks.{block}.{name}"));
}
