using System.Text.Json;
using Descent.Optimizers;
using Descent.Torch.Tests.Optimizers;
using TorchSharp.Modules;
using Xunit;
using static TorchSharp.torch;
using OptimizerOptions = Descent.Optimizers.OptimizerOptions;

namespace Descent.Torch.Tests.Files;

/// <summary>Descent's own file of optimizer states.</summary>
public sealed class OptimizerFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string File => _folder.File("optimizer.safetensors");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Save_WritesEverythingThatAnOptimizerCarries()
    {
        using var model = new Model();
        using FusedOptimizer before = FusedOptimizer.Create(
        [
            new FusedGroup(model.Named[..2], new CountingOptions()),
            new FusedGroup(model.Named[2..], new AdamWOptions { Beta1 = 0.8 }),
        ]);
        model.SetGradients(1, index => index != 1);
        before.step();
        model.SetGradients(2);
        before.step();
        before.Save(File);

        using SavedOptimizer saved = SavedOptimizer.Open(File);
        Assert.Equal("Descent", saved.Format);
        Assert.Equal(["layer0.weight", "layer1.weight", "layer2.weight", "layer3.weight", "layer4.weight"], saved.Parameters.Select(parameter => parameter.Name!));
        Assert.Equal([2L, 1, 2, 2, 2], saved.Parameters.Select(parameter => parameter.Step));
        Assert.Contains("Beta1 = 0.8", saved.Groups[1].Rule, StringComparison.Ordinal);
        Assert.Equal(2, saved.Shared["0/count"]);

        using FusedOptimizer after = FusedOptimizer.Create(
            [new FusedGroup(model.Named[..2], new CountingOptions()), new FusedGroup(model.Named[2..], new AdamWOptions { Beta1 = 0.8 })]);
        Assert.Empty(after.Load(File));
        Assert.Equal(before.SharedStates, after.SharedStates);
        Assert.Equal(Bytes(before), Bytes(after));
        Assert.Single(Directory.GetFiles(_folder.Path)); // no temporary file is left
    }

    // By name, so that groups may be cut otherwise; a parameter that had no step begins anew.
    [Fact]
    public void Load_IntoOtherGroups_FollowsTheNames()
    {
        using var model = new Model();
        using FusedOptimizer before = FusedOptimizer.Create(model.Named, new AdamWOptions());
        model.SetGradients(1, index => index != 3);
        before.step();
        before.Save(File);

        using FusedOptimizer after = FusedOptimizer.Create(
            [new FusedGroup(model.Named[2..], new AdamWOptions()), new FusedGroup(model.Named[..2], new AdamWOptions { WeightDecay = 0 })]);
        model.SetGradients(1);
        after.step();
        Assert.Contains("WeightDecay = 0,", Assert.Single(after.Load(File)), StringComparison.Ordinal);
        Assert.Equal(before.States.Select(entry => $"{entry.Parameter}/{entry.State}").Order(), after.States.Select(entry => $"{entry.Parameter}/{entry.State}").Order());
        Assert.Equal((1, 0), (after.StepOf("layer0.weight"), after.StepOf("layer3.weight")));
    }

    [Fact]
    public void Load_ThatDoesNotFit_SaysWhyAndChangesNothing()
    {
        using var model = new Model();
        using FusedOptimizer before = FusedOptimizer.Create(model.Named, new AdamWOptions());
        model.SetGradients(1);
        before.step();
        before.Save(File);

        Assert.Contains("'layer4.weight' is not in the optimizer", Refusal(FusedOptimizer.Create(model.Named[..4], new AdamWOptions())), StringComparison.Ordinal);
        Assert.Contains("keeps momentum_buffer", Refusal(FusedOptimizer.Create(model.Named, new MomentumOptions())), StringComparison.Ordinal);
        using var extra = new Parameter(zeros(2));
        Assert.Contains("'extra' of the optimizer is not in the file", Refusal(FusedOptimizer.Create([.. model.Named, ("extra", extra)], new AdamWOptions())), StringComparison.Ordinal);
    }

    [Fact]
    public void Open_OfWeightsOrANewerSchema_SaysSo()
    {
        using var model = new Model();
        using FusedOptimizer optimizer = FusedOptimizer.Create(model.Named, new AdamWOptions());
        SafeTensors.Write(File, [("weight", model.Tensors[0])]);
        Assert.Contains("it holds weights", Refusal(optimizer), StringComparison.Ordinal);
        Assert.False(OptimizerFile.DescribesItself(File));

        Dictionary<string, string> metadata = new(OptimizerFile.Metadata(optimizer));
        metadata["descent.optimizer"] = metadata["descent.optimizer"].Replace("\"schema_version\":1", "\"schema_version\":99", StringComparison.Ordinal);
        SafeTensors.Write(File, [], metadata);
        Assert.Contains("schema version is 99; this version reads up to 2", Refusal(optimizer), StringComparison.Ordinal);
        Assert.True(OptimizerFile.DescribesItself(File));
        Assert.Equal(1, JsonDocument.Parse(OptimizerFile.Metadata(optimizer)["descent.optimizer"]).RootElement.GetProperty("schema_version").GetInt32());
    }

    private string Refusal(FusedOptimizer optimizer)
    {
        int states = optimizer.States.Count();
        string message = Assert.Throws<InvalidDataException>(() => optimizer.Load(File)).Message;
        Assert.StartsWith(File, message, StringComparison.Ordinal);
        Assert.Equal(states, optimizer.States.Count());
        return message;
    }

    private static IEnumerable<string> Bytes(FusedOptimizer optimizer) =>
        optimizer.States.Select(entry => $"{entry.Parameter}/{entry.State} {optimizer.StepOf(entry.Parameter)} {Convert.ToHexString(entry.Value.bytes)}");

    /// <summary>Gradient descent that counts its group's steps.</summary>
    private sealed record CountingOptions : OptimizerOptions
    {
        public CountingOptions() => LearningRate = 0.1;

        public override string Kind => "counting";

        public override IReadOnlyList<StateTensor> State => [new StateTensor("momentum_buffer")];

        public override IReadOnlyList<(string Name, double InitialValue)> SharedState => [("count", 0)];

        public override void Advance(Span<double> shared, in StepScalars scalars) => shared[0]++;

        public override UpdateKernel CreateKernel() => new MomentumOptions().CreateKernel();
    }
}
