namespace Descent.Optimizers.Tests.Kernels;

public sealed unsafe class UpdateKernelTests
{
    /// <summary>The gradient that a rule sees is s·g + (λ₂ + λ)·p + λ₁·sign(p); plain descent at rate 1 shows it.</summary>
    [Theory]
    [InlineData(2, 3, 1, 0, 0, 0, 3)]
    [InlineData(2, 3, 0.5, 0, 0, 0, 1.5)]
    [InlineData(2, 3, 1, 0.5, 0, 0, 4)]
    [InlineData(2, 3, 1, 0.25, 0, 0.25, 4)]
    [InlineData(-2, 3, 1, 0, 0.5, 0, 2.5)]
    [InlineData(0, 3, 1, 0, 0.5, 0, 3)]
    [InlineData(2, 3, 0.5, 0.25, 0.5, 0.25, 3)]
    public void Update_AddsPenaltiesToTheScaledGradient(double p, double g, double scale, double decay, double l1, double l2, double expected)
    {
        StepScalars scalars = new() { LearningRate = 1, GradientScale = scale, WeightDecay = decay, L1 = l1, L2 = l2 };
        Assert.Equal(p - expected, Step(new SgdOptions(), p, g, scalars));
    }

    [Fact]
    public void Update_MaximizingWithDecay_NegatesTheGradientOnly()
    {
        // PyTorch: g = −g first, then g += λp.
        StepScalars scalars = new() { LearningRate = 1, WeightDecay = 0.5 };
        Assert.Equal(2 - (-3 + 1), Step(new SgdOptions { Maximize = true }, 2, 3, scalars));
    }

    [Fact]
    public void Update_WithDecoupledDecay_ShrinksTheParameterFirst()
    {
        AdamWOptions options = new() { Epsilon = 0 };
        StepScalars scalars = new() { LearningRate = 0.125, WeightDecay = 0.5 };

        // At the first step m̂/√v̂ is the gradient's sign.
        Assert.Equal((2 * (1 - (0.125 * 0.5))) - 0.125, Step(options, 2, 3, scalars), 1e-15);
    }

    [Fact]
    public void Update_BeforeStepOne_IsRefused()
    {
        UpdateKernel kernel = new AdamOptions().CreateKernel();
        Assert.Throws<ArgumentOutOfRangeException>(() => kernel.Update([], ElementType.Float32, new StepScalars { Step = 0 }, SingleThread.Instance));
    }

    [Fact]
    public void Update_WithoutAState_NamesTheTensorAndWritesNothing()
    {
        float parameter = 1;
        float gradient = 1;
        TensorSlot[] slots = [new() { Parameter = &parameter, Gradient = &gradient, State0 = &gradient, Length = 1 }];
        ArgumentException error = Assert.Throws<ArgumentException>(
            () => new AdamOptions().CreateKernel().Update(slots, ElementType.Float32, new StepScalars(), SingleThread.Instance));
        Assert.Contains("Tensor 0 of 1 (length 1)", error.Message, StringComparison.Ordinal);
        Assert.Equal(1, parameter);
    }

    [Fact]
    public void Apply_WithAWrongNumberOfStates_SaysBoth()
    {
        UpdateKernel kernel = new AdamOptions().CreateKernel();
        ArgumentException error = Assert.Throws<ArgumentException>(() =>
        {
            ScalarLane<float> parameter = default;
            kernel.Apply(ref parameter, default, [default], new StepScalars());
        });
        Assert.Contains("1 states were given; this rule has 2", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Kernel_WhoseOptionsDeclareOtherStates_IsRefused() =>
        Assert.Throws<ArgumentException>(() => UpdateKernel.Stateless(new AdamOptions(), static _ => new Still()));

    private static double Step(OptimizerOptions options, double p, double g, StepScalars scalars)
    {
        double m = 0;
        double v = 0;
        TensorSlot[] slots = [new() { Parameter = &p, Gradient = &g, State0 = &m, State1 = &v, Length = 1 }];
        options.CreateKernel().Update(slots, ElementType.Float64, scalars, SingleThread.Instance);
        return p;
    }

    private readonly struct Still : IUpdateRule0
    {
        public void Update<TLane>(ref TLane p, TLane g) where TLane : struct, ILane<TLane>
        {
        }
    }
}
