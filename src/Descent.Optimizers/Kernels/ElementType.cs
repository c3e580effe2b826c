namespace Descent.Optimizers;

/// <summary>How parameters, gradients and states are stored.</summary>
public enum ElementType
{
    /// <summary>IEEE 754 binary32, 4 bytes.</summary>
    Float32,

    /// <summary>IEEE 754 binary64, 8 bytes.</summary>
    Float64,

    /// <summary>
    /// bfloat16, the upper half of a float, 2 bytes: for parameters and gradients. Rules compute in float; the new parameter is rounded stochastically, so that
    /// steps below its precision are not lost.
    /// </summary>
    Bfloat16,
}
