namespace Descent.Training.Memory;

/// <summary>How the matrices of a model are stored.</summary>
public enum ParameterFormat
{
    /// <summary>As they are computed with, 4 bytes an element.</summary>
    Float32,

    /// <summary>2 bytes an element, and no second copy: updates are rounded stochastically. Computed with in float32.</summary>
    Bfloat16,
}
