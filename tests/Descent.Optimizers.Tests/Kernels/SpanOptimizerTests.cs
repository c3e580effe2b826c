namespace Descent.Optimizers.Tests.Kernels;

public sealed class SpanOptimizerTests
{
    [Fact]
    public void Step_OfPlainDescent_SubtractsRateTimesGradient()
    {
        SpanOptimizer<double> optimizer = new(new SgdOptions { LearningRate = 0.5 }, 3);
        double[] parameters = [1, 2, 3];
        optimizer.Step(parameters, [2, 0, -2]);
        Assert.Equal([0, 2, 4], parameters);
        Assert.Equal(1, optimizer.Steps);
    }

    [Fact]
    public void Step_WithAScaleAndARate_UsesBoth()
    {
        SpanOptimizer<double> optimizer = new(new SgdOptions { LearningRate = 0.5 }, 1) { LearningRate = 0.25 };
        double[] parameters = [1];
        optimizer.Step(parameters, [8], gradientScale: 0.5);
        Assert.Equal(0, parameters[0]);
    }

    [Fact]
    public void State_ByName_IsThePartOfTheParameter()
    {
        SpanOptimizer<float> optimizer = new(new MomentumOptions(), ("weight", 2), ("bias", 1));
        float[] parameters = new float[3];
        optimizer.Step(parameters, [1, 2, 3]);
        Assert.Equal([1, 2], optimizer.State("momentum_buffer", "weight").ToArray());
        Assert.Equal([3], optimizer.State("momentum_buffer", "bias").ToArray());
        Assert.Equal([1, 2, 3], optimizer.State("momentum_buffer").ToArray());
    }

    [Fact]
    public void State_AtTheStart_IsTheRulesInitialValue()
    {
        SpanOptimizer<float> optimizer = new(new AdagradOptions { InitialAccumulator = 0.5 }, 2);
        Assert.Equal([0.5f, 0.5f], optimizer.State("sum").ToArray());
    }

    [Fact]
    public void Names_ThatAreUnknown_AreCorrected()
    {
        SpanOptimizer<float> optimizer = new(new AdamOptions(), ("weight", 2), ("bias", 1));
        Assert.Contains("did you mean 'exp_avg'", Assert.Throws<ArgumentException>(() => optimizer.State("exp_avk")).Message, StringComparison.Ordinal);
        Assert.Contains("did you mean 'bias'", Assert.Throws<ArgumentException>(() => optimizer.State("exp_avg", "bios")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Resume_FromSavedState_EqualsUninterrupted()
    {
        AdamWOptions options = new() { LearningRate = 0.1 };
        float[] whole = [1, -2, 3];
        SpanOptimizer<float> first = new(options, 3);
        first.Step(whole, [1, 2, 3]);
        float[] saved = [.. whole];
        SpanOptimizer<float> second = new(options, 3) { Steps = first.Steps };
        foreach (StateTensor state in options.State)
        {
            first.State(state.Name).CopyTo(second.State(state.Name));
        }

        first.Step(whole, [3, 2, 1]);
        second.Step(saved, [3, 2, 1]);
        Assert.Equal(whole, saved);
    }

    [Fact]
    public void Step_AfterWarmUp_AllocatesNothing()
    {
        SpanOptimizer<float> optimizer = new(new AdamWOptions(), 100_000);
        float[] parameters = new float[100_000];
        float[] gradients = new float[100_000];
        optimizer.Step(parameters, gradients);
        optimizer.Step(parameters, gradients);
        long before = GC.GetAllocatedBytesForCurrentThread();
        optimizer.Step(parameters, gradients);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Step_WithAWrongLength_SaysBoth()
    {
        SpanOptimizer<float> optimizer = new(new SgdOptions(), 3);
        Assert.Contains("made for 3", Assert.Throws<ArgumentException>(() => optimizer.Step(new float[3], new float[2])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parameters_WithOneName_AreRefused() =>
        Assert.Throws<ArgumentException>(() => new SpanOptimizer<float>(new SgdOptions(), ("w", 1), ("w", 2)));

    [Fact]
    public void Elements_OfAnotherType_AreRefused() =>
        Assert.Contains("float and double", Assert.Throws<NotSupportedException>(() => new SpanOptimizer<Half>(new SgdOptions(), 1)).Message, StringComparison.Ordinal);
}
