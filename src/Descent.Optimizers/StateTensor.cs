namespace Descent.Optimizers;

/// <summary>A tensor that a rule keeps for every parameter, of the parameter's length.</summary>
/// <param name="Name">Its name, as PyTorch's state dictionary has it.</param>
/// <param name="InitialValue">What every element starts as.</param>
public readonly record struct StateTensor(string Name, double InitialValue = 0);
