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

    /// <summary>How the states are stored; anything but <see cref="StateFormat.Float32"/> is for parameters of float or bfloat16.</summary>
    public StateFormat Format { get; init; }

    /// <summary>The scales of the first state, for formats that have them (<see cref="StateCodec.Scales"/>); else null.</summary>
    public float* Scales0 { get; init; }

    /// <summary>The scales of the second state.</summary>
    public float* Scales1 { get; init; }

    /// <summary>The scales of the third state.</summary>
    public float* Scales2 { get; init; }

    /// <summary>The scales of the fourth state.</summary>
    public float* Scales3 { get; init; }

    /// <summary>
    /// What stochastic rounding draws its numbers by, beside the step and the element: the same for this tensor in every run, and another for every tensor
    /// (<see cref="KeyOf"/>). Of no effect where nothing is rounded.
    /// </summary>
    public ulong Key { get; init; }

    /// <summary>The gradient's type where it is not the parameter's: float beside a parameter of bfloat16.</summary>
    public ElementType? GradientType { get; init; }

    /// <summary>Elements of the parameter and of its gradient.</summary>
    public long Length { get; init; }

    /// <summary>The size of the last dimension but one; 0 for a parameter of fewer than two dimensions. Rules that look at rows read it.</summary>
    public long Rows { get; init; }

    /// <summary>The size of the last dimension; with <see cref="Rows"/> it cuts the parameter into a batch of matrices.</summary>
    public long Columns { get; init; }

    /// <summary>
    /// Equal, contiguous parts that adaptive clipping and Adam-mini look at one by one: a matrix's rows, a convolution's filters. Divides <see cref="Length"/>.
    /// </summary>
    public long Units { get; init; } = 1;

    /// <summary>Rows of an attention head, of the first dimension; 0 where there are no heads.</summary>
    public long HeadRows { get; init; }

    /// <summary>How many rows of the first dimension, from the first on, are in heads; <see cref="HeadRows"/> divides it.</summary>
    public long HeadedRows { get; init; }

    /// <summary>An embedding or a head, whose rows belong to tokens or classes.</summary>
    public bool Table { get; init; }

    /// <summary>Multiplies this tensor's gradient on top of <see cref="StepScalars.GradientScale"/>: clipping by the tensor's own norm.</summary>
    public double GradientScale { get; init; } = 1;

    /// <summary>Leaves weight decay and penalties out, as befits norms and biases.</summary>
    public bool Exempt { get; init; }

    /// <summary>A <see cref="Key"/> from a parameter's name.</summary>
    /// <param name="parameter">The name.</param>
    public static ulong KeyOf(ReadOnlySpan<char> parameter) => Gaussian.Key(0, 0, parameter);

    internal void* State(int index) => index switch
    {
        0 => State0,
        1 => State1,
        2 => State2,
        _ => State3,
    };

    internal float* Scales(int index) => index switch
    {
        0 => Scales0,
        1 => Scales1,
        2 => Scales2,
        _ => Scales3,
    };

    /// <summary>The facts of a tensor of this shape: its length, rows, columns and units.</summary>
    /// <param name="shape">Its dimensions, the last one's elements neighbours.</param>
    public static TensorSlot OfShape(ReadOnlySpan<long> shape)
    {
        long length = 1;
        int extended = 0;
        foreach (long extent in shape)
        {
            length = checked(length * extent);
            extended += extent > 1 ? 1 : 0;
        }

        return new TensorSlot
        {
            Length = length,
            Rows = shape.Length < 2 ? 0 : shape[^2],
            Columns = shape.Length < 2 ? length : shape[^1],
            Units = extended < 2 ? 1 : shape[0],
        };
    }
}
