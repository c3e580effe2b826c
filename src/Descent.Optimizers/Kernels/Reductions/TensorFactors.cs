namespace Descent.Optimizers;

/// <summary>What a rule computes from the sums over a tensor.</summary>
/// <param name="Step">What the direction is multiplied by, or whatever else the rule needs in its second pass.</param>
/// <param name="Keep">What the parameter is multiplied by.</param>
internal readonly record struct TensorFactors(double Step, double Keep = 1);
