namespace Descent.Optimizers.Tests.Rules;

/// <summary>Each formula by hand over two steps, where the recorded trajectories say nothing about it.</summary>
public sealed class RuleTests
{
    [Fact]
    public void Momentum_WithDampening_TakesTheFirstGradientWhole()
    {
        // b₁ = 4; b₂ = 0.5·4 + (1 − 0.25)·8 = 8
        double[] path = Path(new MomentumOptions { LearningRate = 1, Momentum = 0.5, Dampening = 0.25 }, 4, 8);
        Assert.Equal([-4, -12], path);
    }

    [Fact]
    public void EmaMomentum_WeighsEveryGradientByOneMinusBeta()
    {
        // v₁ = 0.5·4 = 2; v₂ = 0.5·2 + 0.5·8 = 5
        double[] path = Path(new EmaMomentumOptions { LearningRate = 1, Beta = 0.5 }, 4, 8);
        Assert.Equal([-2, -7], path);
    }

    [Fact]
    public void EmaMomentum_IsDampenedMomentumAfterTheFirstStep()
    {
        // With β = μ = τ the recursions agree; the first step alone differs.
        double[] ema = Path(new EmaMomentumOptions { LearningRate = 1, Beta = 0.5 }, 0, 4, 8, 2);
        double[] dampened = Path(new MomentumOptions { LearningRate = 1, Momentum = 0.5, Dampening = 0.5 }, 0, 4, 8, 2);
        Assert.Equal(dampened, ema);
    }

    [Fact]
    public void ArticleAdam_CorrectsTheSecondMomentOnly()
    {
        // m₁ = 0.1·4, v̂₁ = 16: θ₁ = −0.4/4. m₂ = 0.36 + 0.8, v₂ = 0.999·0.016 + 0.001·64, v̂₂ = v₂/(1 − 0.999²).
        double[] path = Path(new ArticleAdamOptions { LearningRate = 1, Epsilon = 0 }, 4, 8);
        double second = (0.9 * 0.4) + (0.1 * 8);
        double square = ((0.999 * 0.016) + (0.001 * 64)) / (1 - (0.999 * 0.999));
        Assert.Equal(-0.1, path[0], 1e-14);
        Assert.Equal(-0.1 - (second / Math.Sqrt(square)), path[1], 1e-12);
    }

    [Fact]
    public void AmsGrad_AfterALargeGradient_KeepsDividingByIt()
    {
        AdamOptions options = new() { LearningRate = 1, Beta1 = 0, Beta2 = 0.5, Epsilon = 0 };

        // v₁ = 8, v₂ = 4.5: the maximum stays 8, corrected by 1 − 0.5² = 0.75.
        double[] path = Path(options with { AmsGrad = true }, 4, 1);
        Assert.Equal(-1 - (1 / Math.Sqrt(8 / 0.75)), path[1], 1e-14);
        Assert.Equal(-1 - (1 / Math.Sqrt(4.5 / 0.75)), Path(options, 4, 1)[1], 1e-14);
    }

    [Fact]
    public void Adagrad_FromAnInitialAccumulator_StartsSlower()
    {
        double[] path = Path(new AdagradOptions { LearningRate = 1, InitialAccumulator = 9, Epsilon = 0 }, 4);
        Assert.Equal(-4.0 / 5, path[0], 1e-15);
    }

    [Fact]
    public void RmsProp_CenteredOnASteadyGradient_NeverTurnsToNaN()
    {
        SpanOptimizer<float> optimizer = new(new RmsPropOptions { Centered = true, Alpha = 0.5 }, 64);
        float[] parameters = new float[64];
        float[] gradients = [.. Enumerable.Range(1, 64).Select(static index => index / 7f)];
        for (int step = 0; step < 500; step++)
        {
            optimizer.Step(parameters, gradients);
        }

        Assert.All(parameters, static value => Assert.True(float.IsFinite(value), $"{value}"));
    }

    [Fact]
    public void Nesterov_WithDampening_SaysWhatToChange()
    {
        InvalidOperationException error = Assert.Throws<InvalidOperationException>(
            () => new MomentumOptions { Nesterov = true, Dampening = 0.1 }.CreateKernel());
        Assert.Contains("Dampening 0.1", error.Message, StringComparison.Ordinal);
    }

    /// <summary>A parameter's way from 0 through these gradients.</summary>
    private static double[] Path(OptimizerOptions options, params double[] gradients)
    {
        SpanOptimizer<double> optimizer = new(options, 1, SingleThread.Instance);
        double[] parameter = [0];
        return [.. gradients.Select(gradient =>
        {
            optimizer.Step(parameter, [gradient]);
            return parameter[0];
        })];
    }
}
