namespace Descent.Optimizers;

/// <summary>
/// The point x = θ + f·s at which a model is measured, for rules whose parameter θ is where gradients are taken and not where the rule converges.
/// </summary>
/// <param name="State">The name of the state s.</param>
/// <param name="Factor">f.</param>
public readonly record struct EvaluationPoint(string State, double Factor);
