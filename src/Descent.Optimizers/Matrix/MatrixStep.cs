namespace Descent.Optimizers;

/// <summary>What a rule for matrices works on: a batch of equally shaped matrices in the same step.</summary>
/// <typeparam name="TMatrix">The provider's batch of matrices.</typeparam>
public sealed class MatrixStep<TMatrix> where TMatrix : class
{
    /// <summary>What the front pass left: the gradient, scaled, clipped, with penalties, or what the rule makes of it. The rule may overwrite it.</summary>
    public required TMatrix Gradient { get; init; }

    /// <summary>The states in the order of <see cref="MatrixOptions.States"/>, without those of the front pass; updated in place. Null where a matrix has none.</summary>
    public required IReadOnlyList<TMatrix?> States { get; init; }

    /// <summary>The step's number and rate. Scales, clipping, penalties and decay are behind: the front pass has done them.</summary>
    public required StepScalars Scalars
    {
        get;
        init => field = new StepScalars { Step = value.Step, LearningRate = value.LearningRate };
    }

    /// <summary>A name for each matrix of the batch, the same in every run: what random numbers are derived from.</summary>
    public required IReadOnlyList<string> Names { get; init; }
}
