namespace Descent.Training.Folds;

/// <summary>One fold of a nested cross validation: the outer one gives the estimate, the inner ones the choice of settings.</summary>
/// <param name="Outer">What the chosen settings are measured on.</param>
/// <param name="Inner">Folds of the outer one's training samples alone, by their numbers in the whole: nothing that is held out there takes part in the choice.</param>
public sealed record NestedFold(Fold Outer, IReadOnlyList<Fold> Inner);
