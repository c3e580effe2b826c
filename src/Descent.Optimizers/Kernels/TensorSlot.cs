namespace Descent.Optimizers;

/// <summary>
/// Where one contiguous parameter, its gradient and its states lie in memory. The memory belongs to the caller and must stay
/// where it is during a call; a step never writes a gradient.
/// </summary>
/// <remarks>Write <c>new TensorSlot { … }</c>: <c>default</c> has a gradient scale of 0.</remarks>
public readonly unsafe struct TensorSlot
{
    /// <summary>An empty tensor with a gradient scale of 1.</summary>
    public TensorSlot()
    {
    }

    /// <summary>The parameter's elements, updated in place.</summary>
    public void* Parameter { get; init; }

    /// <summary>The gradient's elements.</summary>
    public void* Gradient { get; init; }

    /// <summary>The first state of <see cref="OptimizerOptions.State"/>; null for a rule with fewer.</summary>
    public void* State0 { get; init; }

    /// <summary>The second state; null for a rule with fewer.</summary>
    public void* State1 { get; init; }

    /// <summary>The third state; null for a rule with fewer.</summary>
    public void* State2 { get; init; }

    /// <summary>The fourth state; null for a rule with fewer.</summary>
    public void* State3 { get; init; }

    /// <summary>Elements of the parameter and of its gradient.</summary>
    public long Length { get; init; }

    /// <summary>The size of the last dimension but one; 0 for a parameter of fewer than two dimensions. Rules that look at rows read it.</summary>
    public long Rows { get; init; }

    /// <summary>The size of the last dimension; with <see cref="Rows"/> it cuts the parameter into a batch of matrices.</summary>
    public long Columns { get; init; }

    /// <summary>
    /// Equal, contiguous parts that adaptive clipping looks at one by one: a matrix's rows, a convolution's filters. Divides <see cref="Length"/>.
    /// </summary>
    public long Units { get; init; } = 1;

    /// <summary>Multiplies this tensor's gradient on top of <see cref="StepScalars.GradientScale"/>: clipping by the tensor's own norm.</summary>
    public double GradientScale { get; init; } = 1;

    /// <summary>Leaves weight decay and penalties out, as befits norms and biases.</summary>
    public bool Exempt { get; init; }
}
