using Descent.Optimizers;
using Xunit;
using static TorchSharp.torch;

namespace Descent.Torch.Tests.Optimizers;

/// <summary>Settings that change between steps.</summary>
public sealed class SetOptionsTests
{
    private const int Steps = 20;

    public static TheoryData<string> Rules => [.. OptimizerCatalog.KernelNames];

    /// <summary>AdamW with rate, decay and betas that all change every step, against the formula in plain float64 with bias corrections of the present betas.</summary>
    [Fact]
    public void Step_WithSettingsThatChange_EqualsTheFormula()
    {
        using var model = new Model(ScalarType.Float64);
        using FusedOptimizer optimizer = FusedOptimizer.Create([new FusedGroup(model.Named, At(0)) { Name = "all" }]);
        double[][] p = model.Values();
        double[][] m = [.. p.Select(values => new double[values.Length])];
        double[][] v = [.. p.Select(values => new double[values.Length])];
        for (int step = 1; step <= Steps; step++)
        {
            AdamWOptions now = At(step);
            model.SetGradients(step);
            for (int k = 0; k < p.Length; k++)
            {
                double[] g = model.Named[k].Parameter.numel() == 0 ? [] : model.Named[k].Parameter.grad!.data<double>().ToArray();
                for (int i = 0; i < g.Length; i++)
                {
                    p[k][i] *= 1 - (now.LearningRate * now.WeightDecay);
                    m[k][i] = (now.Beta1 * m[k][i]) + ((1 - now.Beta1) * g[i]);
                    v[k][i] = (now.Beta2 * v[k][i]) + ((1 - now.Beta2) * g[i] * g[i]);
                    double corrected = m[k][i] / (1 - Math.Pow(now.Beta1, step));
                    p[k][i] -= now.LearningRate * corrected / (Math.Sqrt(v[k][i] / (1 - Math.Pow(now.Beta2, step))) + now.Epsilon);
                }
            }

            optimizer.SetOptions("all", now);
            optimizer.step();
        }

        // Rounding of fused against separate operations, over 20 steps.
        Assert.True(Model.Distance(model.Values(), p) < 1e-13);
        Assert.Equal(Steps, optimizer.StepOf("layer0.weight"));
    }

    /// <summary>What a changed setting costs doesn't grow with the model: the plans of work and the states stay.</summary>
    [Theory]
    [InlineData("adamw")]
    [InlineData("lamb")]
    [InlineData("adafactor")]
    [InlineData("adam_mini")]
    [InlineData("prodigy")]
    public void Step_WithSettingsThatChange_AllocatesOnlyTheSettings(string rule)
    {
        Descent.Optimizers.OptimizerOptions options = OptimizerCatalog.Create(rule);
        using var scope = NewDisposeScope();
        var parameters = Enumerable.Range(0, 300).Select(i => ($"p{i}", new TorchSharp.Modules.Parameter(ones(5)))).ToArray();
        foreach ((_, TorchSharp.Modules.Parameter parameter) in parameters)
        {
            parameter.grad = ones(5);
        }

        using FusedOptimizer optimizer = FusedOptimizer.Create([new FusedGroup(parameters, options) { Name = "all" }]);
        optimizer.Threads = SingleThread.Instance;
        Step(1);
        Step(2);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int step = 3; step < 13; step++)
        {
            Step(step);
        }

        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / 10, 0, 4096);

        void Step(int step)
        {
            optimizer.SetOptions("all", options with { Maximize = step % 2 == 0 });
            optimizer.Step(new StepRequest());
        }
    }

    /// <summary>Whatever the rule, new settings of the same numbers are the same run: nothing that it carries is lost.</summary>
    [Theory]
    [MemberData(nameof(Rules))]
    public void Step_AfterSettingsThatSayTheSame_GivesTheSameBits(string rule)
    {
        Descent.Optimizers.OptimizerOptions options = OptimizerCatalog.Create(rule);
        using var plain = new Model();
        using var changed = new Model();
        using FusedOptimizer one = FusedOptimizer.Create([new FusedGroup(plain.Named, options) { Name = "all" }]);
        using FusedOptimizer other = FusedOptimizer.Create([new FusedGroup(changed.Named, options) { Name = "all" }]);
        for (int step = 1; step <= 5; step++)
        {
            plain.SetGradients(step);
            changed.SetGradients(step);
            other.SetOptions("all", options with { Maximize = true });
            other.SetOptions("all", options with { Maximize = false });
            one.step();
            other.step();
        }

        Assert.Equal(plain.Values(), changed.Values());
        Assert.Equal(one.SharedStates, other.SharedStates);
    }

    [Fact]
    public void GroupRateFactors_MultiplyEachGroupsRate()
    {
        using var model = new Model();
        using var other = new Model();
        using FusedOptimizer factors = FusedOptimizer.Create(
        [
            new FusedGroup(model.Named[..2], new SgdOptions { LearningRate = 0.1 }), new FusedGroup(model.Named[2..], new SgdOptions { LearningRate = 0.1 }),
        ]);
        using FusedOptimizer rates = FusedOptimizer.Create(
        [
            new FusedGroup(other.Named[..2], new SgdOptions { LearningRate = 0.05 }), new FusedGroup(other.Named[2..], new SgdOptions { LearningRate = 0.025 }),
        ]);
        model.SetGradients(1);
        other.SetGradients(1);
        factors.Step(new StepRequest { RateFactor = 0.5, GroupRateFactors = [1, 0.5] });
        rates.Step(new StepRequest());

        Assert.Equal(other.Values(), model.Values());
        Assert.Throws<ArgumentException>(() => factors.Step(new StepRequest { GroupRateFactors = [1] }));
    }

    [Fact]
    public void SetOptions_OfAnotherRuleOrGroup_IsRefused()
    {
        using var model = new Model();
        using FusedOptimizer optimizer = FusedOptimizer.Create(model.Named, At(0));
        Assert.Contains("'sgd'", Assert.Throws<ArgumentException>(() => optimizer.SetOptions("0", new SgdOptions())).Message, StringComparison.Ordinal);
        Assert.Contains("There is no group '1'", Assert.Throws<KeyNotFoundException>(() => optimizer.SetOptions("1", At(0))).Message, StringComparison.Ordinal);
        using var dropIn = Fused.Adam(model.Named);
        Assert.Contains("ParamGroups", Assert.Throws<ArgumentException>(() => dropIn.SetOptions("0", new AdamOptions())).Message, StringComparison.Ordinal);
    }

    private static AdamWOptions At(int step) => new()
    {
        LearningRate = 0.01 / (1 + step),
        WeightDecay = 0.2 - (0.01 * step),
        Beta1 = 0.95 - (0.01 * (step % 7)),
        Beta2 = 0.9 + (0.004 * step),
    };
}
