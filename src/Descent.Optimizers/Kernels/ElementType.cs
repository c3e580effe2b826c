namespace Descent.Optimizers;

/// <summary>How parameters, gradients and states are stored.</summary>
public enum ElementType
{
    /// <summary>IEEE 754 binary32, 4 bytes.</summary>
    Float32,

    /// <summary>IEEE 754 binary64, 8 bytes.</summary>
    Float64,
}
