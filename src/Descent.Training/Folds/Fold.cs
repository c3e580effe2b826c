namespace Descent.Training.Folds;

/// <summary>One division of samples: those that are trained on, and those that are held out from it.</summary>
/// <remarks>Equal only to itself: the sample numbers are arrays.</remarks>
public sealed class Fold
{
    /// <summary>Its place among all folds: repeat · folds a repeat + number, from 0.</summary>
    public required int Index { get; init; }

    /// <summary>Which of the repeats it belongs to, from 0.</summary>
    public required int Repeat { get; init; }

    /// <summary>Its number within the repeat, from 0.</summary>
    public required int Number { get; init; }

    /// <summary>Numbers of the samples to train on: ascending, but for a series in time, where they are in the order of time.</summary>
    public required int[] Training { get; init; }

    /// <summary>Numbers of the held-out samples, in the same order; none is trained on.</summary>
    public required int[] Validation { get; init; }

    /// <summary>The same division of a choice of samples, by their numbers in the whole.</summary>
    /// <param name="rows">The number in the whole of each sample of the choice.</param>
    internal Fold Within(int[] rows) => new()
    {
        Index = Index,
        Repeat = Repeat,
        Number = Number,
        Training = Array.ConvertAll(Training, sample => rows[sample]),
        Validation = Array.ConvertAll(Validation, sample => rows[sample]),
    };
}
