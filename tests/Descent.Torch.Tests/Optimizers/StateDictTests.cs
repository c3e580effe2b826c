using Descent.Optimizers;
using TorchSharp.Modules;
using Xunit;
using static TorchSharp.torch;
using OptimizerOptions = Descent.Optimizers.OptimizerOptions;

namespace Descent.Torch.Tests.Optimizers;

/// <summary>Every rule's states through TorchSharp's own <c>save_state_dict</c>, <c>load_state_dict</c> and <c>state_dict</c>, whatever shapes they have.</summary>
public sealed class StateDictTests : IDisposable
{
    // Enough elements to be encoded.
    private static readonly long[][] Large = [[128, 64], [13]];

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Rules => [.. OptimizerCatalog.Names];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Rules))]
    public void LoadStateDict_OfAFile_GoesOnBitForBit(string rule) => Resume(OptimizerCatalog.Create(rule), Through);

    [Theory]
    [MemberData(nameof(Rules))]
    public void LoadStateDict_OfADictionary_GoesOnBitForBit(string rule) =>
        Resume(OptimizerCatalog.Create(rule), static (from, to) => to.load_state_dict(from.state_dict()));

    [Theory]
    [InlineData(StateFormat.Bfloat16)]
    [InlineData(StateFormat.Int8)]
    [InlineData(StateFormat.Int4)]
    public void LoadStateDict_OfEncodedStates_GoesOnBitForBit(StateFormat format) => Resume(new AdamWOptions { StateFormat = format }, Through, Large);

    [Fact]
    public void LoadStateDict_IntoAnotherFormat_Converts()
    {
        using Model model = new(shapes: Large);
        using FusedOptimizer plain = FusedOptimizer.Create(model.Named, new AdamWOptions()), small = FusedOptimizer.Create(model.Named, new AdamWOptions { StateFormat = StateFormat.Int8 });
        model.SetGradients(1);
        plain.step();
        Through(plain, small);
        Assert.Equal(StateFormat.Int8, small.FormatOf("layer0.weight"));
        Through(small, plain);
        Assert.Equal(StateFormat.Float32, plain.FormatOf("layer0.weight"));
        Assert.Equal(1, plain.StepOf("layer0.weight"));
    }

    [Fact]
    public void LoadStateDict_OfAnotherRuleOrShape_SaysWhatDiffers()
    {
        using Model model = new();
        using FusedOptimizer adafactor = FusedOptimizer.Create(model.Named, new AdafactorOptions()), momentum = FusedOptimizer.Create(model.Named, new MomentumOptions());
        model.SetGradients(1);
        adafactor.step();
        string message = Assert.Throws<InvalidDataException>(() => Through(adafactor, momentum)).Message;
        Assert.Contains("'layer0.weight'", message, StringComparison.Ordinal);
        Assert.Contains("row_var", message, StringComparison.Ordinal);
        Assert.Contains("momentum_buffer", message, StringComparison.Ordinal);

        using var other = new Parameter(zeros(4, 5));
        using FusedOptimizer first = FusedOptimizer.Create(model.Named[..1], new AdafactorOptions()), another = FusedOptimizer.Create([("w", other)], new AdafactorOptions());
        first.step();
        Assert.Contains("[7, 1] and is [4, 1]", Assert.Throws<InvalidDataException>(() => Through(first, another)).Message, StringComparison.Ordinal);
    }

    private static void Resume(OptimizerOptions options, Action<FusedOptimizer, FusedOptimizer> carry, long[][]? shapes = null)
    {
        using var scope = NewDisposeScope();
        using Model straight = new(shapes: shapes), half = new(shapes: shapes);
        using FusedOptimizer whole = Create(straight, options), before = Create(half, options), after = Create(half, options);
        Steps(straight, whole, 1, 5);
        Steps(half, before, 1, 3);
        carry(before, after);
        Assert.Equal(before.SharedStates, after.SharedStates);
        before.Dispose(); // what was loaded is a copy
        Steps(half, after, 4, 5);
        Assert.Equal(straight.Values(), half.Values());
        Assert.Equal(whole.SharedStates, after.SharedStates);
    }

    // Stacked matrices, one of them with heads, so that rules keep as many states as there are parts, and of shapes of their own.
    private static FusedOptimizer Create(Model model, OptimizerOptions options)
    {
        var stacked = model.Named.Where(static entry => entry.Parameter.shape[0] == 64).ToDictionary(static entry => entry.Name, static _ => new long[] { 32, 16, 16 });
        return FusedOptimizer.Create([new FusedGroup(model.Named, options) { StackedRows = stacked, HeadRows = stacked.Keys.ToDictionary(static name => name, static _ => 8L) }]);
    }

    private void Through(FusedOptimizer from, FusedOptimizer to)
    {
        string file = _folder.File("state");
        from.save_state_dict(file);
        to.load_state_dict(file);
    }

    private static void Steps(Model model, FusedOptimizer optimizer, int first, int last)
    {
        for (int step = first; step <= last; step++)
        {
            model.SetGradients(step);
            optimizer.step();
        }
    }
}
