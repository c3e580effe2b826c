namespace Descent.Training.Folds;

/// <summary>What a model said of a sample that it had not seen.</summary>
/// <param name="Row">The sample's place in the data, from 0; of text, the window's in the fold's held-out part.</param>
/// <param name="Fold">The fold that held it out, over all repeats.</param>
/// <param name="Repeat">The repeat.</param>
/// <param name="Values">A text for each of <see cref="OutOfFold.Columns"/>.</param>
public sealed record OutOfFoldRow(long Row, int Fold, int Repeat, IReadOnlyList<string> Values);
