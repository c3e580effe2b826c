namespace Descent.Optimizers;

/// <summary>What clipping by value finds in the gradients of one pass.</summary>
/// <param name="Before">The gradients as they are.</param>
/// <param name="SumOfSquares">Σg² with every element bounded.</param>
/// <param name="Elements">How many there are.</param>
/// <param name="Clipped">How many are beyond the bound.</param>
public readonly record struct ValueClipResult(GradientNorm Before, double SumOfSquares, long Elements, long Clipped);
