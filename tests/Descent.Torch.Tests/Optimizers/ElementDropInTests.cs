using Descent.Optimizers;
using Descent.Optimizers.Tests.Rules;
using TorchSharp;
using TorchSharp.Modules;
using Xunit;
using static TorchSharp.torch;
using RuleOptions = Descent.Optimizers.OptimizerOptions;

namespace Descent.Torch.Tests.Optimizers;

/// <summary>Drop-ins with settings of their own: against TorchSharp's where it is right, against PyTorch's algorithm on plain numbers where it is not.</summary>
public sealed class ElementDropInTests
{
    private const int Steps = 30;

    public static TheoryData<string> Faulty => ["NAdam", "RAdam", "Rprop"];

    /// <summary>A parameter that is without a gradient most of the time counts its own steps.</summary>
    [Theory]
    [MemberData(nameof(Faulty))]
    public void Step_WhereTorchSharpIsWrong_IsPyTorchs(string name)
    {
        using var model = new Model(ScalarType.Float64);
        (FusedOptimizer fused, RuleOptions rule) = name switch
        {
            "NAdam" => (Fused.NAdam(model.Named, 0.02, 0.8, 0.9, 1e-6, 0.1, 0.05), (RuleOptions)new NAdamOptions
            {
                LearningRate = 0.02,
                Beta1 = 0.8,
                Beta2 = 0.9,
                Epsilon = 1e-6,
                WeightDecay = 0.1,
                MomentumDecay = 0.05,
            }),
            "RAdam" => (Fused.RAdam(model.Named, 0.02, 0.8, 0.95, 1e-6, 0.1), new RAdamOptions
            {
                LearningRate = 0.02,
                Beta1 = 0.8,
                Beta2 = 0.95,
                Epsilon = 1e-6,
                WeightDecay = 0.1,
            }),
            _ => (Fused.Rprop(model.Named, 0.05, 0.6, 1.3, 1e-3, 0.2, maximize: true), new RpropOptions
            {
                LearningRate = 0.05,
                Shrink = 0.6,
                Grow = 1.3,
                MinimumStep = 1e-3,
                MaximumStep = 0.2,
                Maximize = true,
            }),
        };
        double[][] expected = model.Values();
        double[][] start = model.Values();
        Func<double, double>[][] plain = [.. expected.Select(tensor => tensor.Select(p => PlainRules.Start(rule, p)).ToArray())];
        using (fused)
        {
            for (int step = 1; step <= Steps; step++)
            {
                model.SetGradients(step, index => index != 1 || step % 3 == 0);
                fused.step();
                for (int index = 0; index < expected.Length; index++)
                {
                    using Tensor? gradient = model.Named[index].Parameter.grad;
                    double[] g = gradient is null || gradient.numel() == 0 ? [] : gradient.data<double>().ToArray();
                    for (int i = 0; i < g.Length; i++)
                    {
                        expected[index][i] = plain[index][i](g[i]);
                    }
                }
            }

            Assert.Equal(Steps / 3, fused.StepOf("layer1.weight"));
        }

        Assert.InRange(Model.Distance(model.Values(), expected), 0, 1e-12);
        Assert.True(Model.Distance(start, expected) > 1e-2, "the parameters hardly moved");
    }

    public static TheoryData<string> Sound => ["Adadelta", "Adamax", "ASGD", "RAdam"];

    [Theory]
    [MemberData(nameof(Sound))]
    public void Step_WithSettings_IsTorchSharps(string name)
    {
        using var ours = new Model(ScalarType.Float64);
        using var theirs = new Model(ScalarType.Float64);
        double[][] start = ours.Values();
        using FusedOptimizer fused = name switch
        {
            "Adadelta" => Fused.Adadelta(ours.Named, 0.5, 0.8, 1e-4, 0.1, maximize: true),
            "Adamax" => Fused.Adamax(ours.Named, 0.05, 0.8, 0.9, 1e-6, 0.1),
            "RAdam" => Fused.RAdam(ours.Named, 1, 0.8, 0.95, 1e-6, 0.1),
            _ => Fused.ASGD(ours.Named, 0.05, 0.1, 0.6, 4, 0.2, maximize: true),
        };
        using optim.Optimizer torchs = name switch
        {
            "Adadelta" => optim.Adadelta(theirs.Named, 0.5, 0.8, 1e-4, 0.1, maximize: true),
            "Adamax" => optim.Adamax(theirs.Named, 0.05, 0.8, 0.9, 1e-6, 0.1),
            "RAdam" => optim.RAdam(theirs.Named, 1, 0.8, 0.95, 1e-6, 0.1), // at a rate of 1 its square is right
            _ => optim.ASGD(theirs.Named, 0.05, 0.1, 0.6, 4, 0.2, maximize: true),
        };
        for (int step = 1; step <= Steps; step++)
        {
            ours.SetGradients(step);
            theirs.SetGradients(step);
            fused.step();
            torchs.step();
        }

        Assert.InRange(Model.Distance(ours.Values(), theirs.Values()), 0, 1e-12);
        Assert.True(Model.Distance(start, theirs.Values()) > 1e-2, "the parameters hardly moved");
        if (torchs is ASGD averaged)
        {
            using var scope = NewDisposeScope();
            double[][] means = [.. averaged.state_dict().State.Select(state => Numbers(((ASGD.State)state).ax))];
            double[][] measured =
            [
                .. ours.Named.Zip(fused.States).Select(pair => Numbers(pair.First.Parameter.detach().add(pair.Second.Value))),
            ];
            Assert.InRange(Model.Distance(measured, means), 0, 1e-12);
            Assert.True(Model.Distance(measured, ours.Values()) > 1e-3, "the mean is the point itself");
        }
    }

    /// <summary>As in PyTorch, the rate is what step sizes start from; a scheduler that turns it later changes nothing.</summary>
    [Fact]
    public void Rprop_WhenTheRateTurns_GoesOn()
    {
        using var steady = new Model();
        using var turned = new Model();
        using FusedOptimizer one = Fused.Rprop(steady.Named, 0.05);
        using FusedOptimizer other = Fused.Rprop(turned.Named, 0.05);
        for (int step = 1; step <= 10; step++)
        {
            steady.SetGradients(step);
            turned.SetGradients(step);
            one.step();
            other.step();
            ((optim.ILearningRateController)other.ParamGroups.Single()).LearningRate *= 0.5;
        }

        Assert.Equal(steady.Values(), turned.Values());
    }

    private static double[] Numbers(Tensor tensor) => tensor.numel() == 0 ? [] : tensor.data<double>().ToArray();
}
