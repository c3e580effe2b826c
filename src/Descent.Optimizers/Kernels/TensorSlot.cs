namespace Descent.Optimizers;

/// <summary>
/// Where one contiguous parameter, its gradient and its states lie in memory. The memory belongs to the caller and must stay
/// where it is during a call; a gradient is never written.
/// </summary>
public readonly unsafe struct TensorSlot
{
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

    /// <summary>Elements in each of them.</summary>
    public long Length { get; init; }
}
