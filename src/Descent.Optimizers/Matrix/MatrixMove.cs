namespace Descent.Optimizers;

/// <summary>Where a rule moves: θ ← θ − γ·factor·D.</summary>
/// <typeparam name="TMatrix">The provider's batch of matrices.</typeparam>
/// <param name="Direction">D; null to stay.</param>
/// <param name="Factor">The factor beside the learning rate.</param>
public readonly record struct MatrixMove<TMatrix>(TMatrix? Direction, double Factor = 1) where TMatrix : class;
