using Descent.Optimizers;
using Descent.Training.Configuration;
using Descent.Training.Data;
using Descent.Training.Models;
using Descent.Training.Parametrization;
using Descent.Training.Tests.Training;

namespace Descent.Training.Tests.Parametrization;

/// <summary>Short trainings at several widths: under muP nothing depends on the width, without it much does.</summary>
public sealed class CoordinateCheckTests
{
    public static TheoryData<string, string> Cases => new()
    {
        { "gpt", "adamw" },
        { "gpt", "muon" },
        { "gpt, heads of one size", "lion" },
        { "mlp", "adamw" },
        { "mlp", "sgd" },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Changes_AreWidthIndependentUnderMupAlone(string kind, string rule)
    {
        CoordinateTable table = Check(kind, rule);
        CoordinateCurve standard = table.Of(ParametrizationKind.Standard).Last(), mup = table.Of(ParametrizationKind.Mup).Last();

        Assert.True(table.IsWidthIndependent(ParametrizationKind.Mup), $"{table.Steepest(ParametrizationKind.Mup).Segment}: {table.Steepest(ParametrizationKind.Mup).ChangeSlope(3):0.00}");
        Assert.False(table.IsWidthIndependent(ParametrizationKind.Standard));
        Assert.InRange(mup.ChangeSlope(3), -0.3, 0.3);
        Assert.True(standard.ChangeSlope(3) > 0.4, $"{standard.ChangeSlope(3):0.00}");
        Assert.Equal(kind == "mlp" ? ["layer 1", "layer 2", "outputs"] : ["embedding", "block 1", "logits"], table.Of(ParametrizationKind.Mup).Select(static curve => curve.Segment));
    }

    [Fact]
    public void Check_Repeated_GivesTheSameNumbers() =>
        Assert.Equal(Check("mlp", "adamw").Curves.SelectMany(static curve => curve.Changes[3]), Check("mlp", "adamw").Curves.SelectMany(static curve => curve.Changes[3]));

    [Fact]
    public void Slope_IsThatOfThePowerLaw()
    {
        var curve = new CoordinateCurve
        {
            Parametrization = ParametrizationKind.Standard,
            Segment = "x",
            Widths = [2, 8, 32],
            Sizes = [[3 * 2.0, 3 * 8.0, 3 * 32.0], [1, 1, 1]],
            Changes = [[0, 0, 0], [1, 0.5, 0.25]],
        };
        Assert.Equal((1, 0, -0.5), (Math.Round(curve.SizeSlope(0), 12), curve.SizeSlope(1), Math.Round(curve.ChangeSlope(1), 12)));
        Assert.True(double.IsNaN(curve.ChangeSlope(0)));
    }

    [Fact]
    public void WidthsThatDiverge_AreNamed_AndTheOthersStillMeasured()
    {
        var options = new CoordinateCheckOptions { Widths = [8, 16, 512], Steps = 60, Seeds = 1 };
        CoordinateTable table = CoordinateCheck.Run(
            Run(new MlpOptions { Widths = [8, 8], Activation = ActivationKind.Gelu }, new SgdOptions { LearningRate = 0.1 }), TinyTask.Split(), options, cancellation: TestContext.Current.CancellationToken);

        Assert.Equal([512], table.Diverged(ParametrizationKind.Standard));
        Assert.Empty(table.Diverged(ParametrizationKind.Mup));
        Assert.False(table.IsWidthIndependent(ParametrizationKind.Standard));
        Assert.True(double.IsFinite(table.Of(ParametrizationKind.Standard).Last().ChangeSlope(60)));
    }

    [Fact]
    public void AModelWithoutAWidth_IsRefused()
    {
        RunConfiguration run = Run(new CnnOptions(), new AdamWOptions());
        Assert.Contains("model.kind is cnn", Assert.Throws<BadInputException>(() => CoordinateCheck.Run(run, TinyTask.Split(), new CoordinateCheckOptions(), cancellation: TestContext.Current.CancellationToken)).Message, StringComparison.Ordinal);
        Assert.Contains("at least two different widths", Assert.Throws<ArgumentException>(() => new CoordinateCheckOptions { Widths = [8, 8] }).Message, StringComparison.Ordinal);
    }

    private static CoordinateTable Check(string kind, string rule)
    {
        ModelOptions model = kind switch
        {
            "gpt" => new GptOptions { Layers = 1, Width = 32, Heads = 2 },
            "mlp" => new MlpOptions { Widths = [32, 32] },
            _ => new GptOptions { Layers = 1, Width = 64, Heads = 4, Parametrization = ParametrizationKind.Mup, BaseWidth = 32, BaseHeads = 2 },
        };
        OptimizerOptions optimizer = OptimizerCatalog.Create(rule) with { LearningRate = rule == "sgd" ? 0.05 : 5e-3 };
        DataSplit data = model is GptOptions ? CountingTokens.Split() : TinyTask.Split();
        return CoordinateCheck.Run(
            Run(model, optimizer), data, new CoordinateCheckOptions { Widths = [32, 64, 128, 256], Steps = 3, Seeds = kind == "mlp" ? 3 : 1 }, cancellation: TestContext.Current.CancellationToken);
    }

    private static RunConfiguration Run(ModelOptions model, OptimizerOptions optimizer) =>
        new() { Model = model, Data = new CsvDataOptions { BatchSize = 8 }, Training = new TrainingOptions { Optimizer = optimizer } };
}
