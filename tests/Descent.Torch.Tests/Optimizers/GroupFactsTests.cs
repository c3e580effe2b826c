using Descent.Optimizers;
using TorchSharp;
using TorchSharp.Modules;
using Xunit;
using static TorchSharp.torch;
using RuleOptions = Descent.Optimizers.OptimizerOptions;

namespace Descent.Torch.Tests.Optimizers;

/// <summary>What a group says of its parameters beside their values.</summary>
public sealed class GroupFactsTests
{
    private static readonly SharedOptions Options = new() { LearningRate = 0.1 };

    [Fact]
    public void StackedRows_ThatDontAddUp_AreRefused()
    {
        using var scope = NewDisposeScope();
        using var weight = new Parameter(ones(6, 2));
        var group = new FusedGroup([("qkv", weight)], Options) { StackedRows = new Dictionary<string, long[]> { ["qkv"] = [2, 2, 1] } };
        Assert.Contains("2 + 2 + 1; they must add up to its 6 rows", Assert.Throws<ArgumentException>(() => FusedOptimizer.Create([group])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Groups_OfOneName_AreRefused()
    {
        using var scope = NewDisposeScope();
        using var first = new Parameter(ones(2));
        using var second = new Parameter(ones(2));
        Assert.Contains("Two groups are named 'a'", Assert.Throws<ArgumentException>(() => FusedOptimizer.Create(
            [new FusedGroup([("first", first)], Options) { Name = "a" }, new FusedGroup([("second", second)], Options) { Name = "a" }])).Message,
            StringComparison.Ordinal);
    }

    /// <summary>Names where groups have them; numbers, which earlier checkpoints hold, wherever no name reads so.</summary>
    [Theory]
    [InlineData("hidden/steps", 1)]
    [InlineData("1/steps", 1)]
    [InlineData("0/steps", 0)]
    public void SetSharedState_TakesNamesAndNumbers(string name, int group)
    {
        using var scope = NewDisposeScope();
        using var first = new Parameter(ones(2));
        using var second = new Parameter(ones(2));
        using FusedOptimizer fused = FusedOptimizer.Create([new FusedGroup([("first", first)], Options), new FusedGroup([("second", second)], Options) { Name = "hidden" }]);
        Assert.Equal(["0/steps", "hidden/steps"], fused.SharedStates.Select(entry => entry.Name));
        fused.SetSharedState(name, 5);
        Assert.Equal(group == 0 ? [5.0, 0] : [0, 5.0], fused.SharedStates.Select(entry => entry.Value));
        Assert.Throws<KeyNotFoundException>(() => fused.SetSharedState("2/steps", 1));
        Assert.Throws<KeyNotFoundException>(() => fused.SetSharedState("steps", 1));
    }

    /// <summary>A rule that carries one number for its group.</summary>
    private sealed record SharedOptions : RuleOptions
    {
        public override string Kind => "shared";

        public override IReadOnlyList<StateTensor> State => [];

        public override IReadOnlyList<(string Name, double InitialValue)> SharedState { get; } = [("steps", 0)];

        public override UpdateKernel CreateKernel() => new SgdOptions().CreateKernel();
    }
}
