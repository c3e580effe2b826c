namespace Descent.Optimizers;

/// <summary>A state of a rule for matrices, for each matrix.</summary>
/// <param name="Name">Its name; matrices that are stacked in one parameter have one each, with the part's number behind: <c>L.0</c>, <c>L.1</c>.</param>
/// <param name="Shape">
/// Rows and columns of the state for a matrix of so many rows and columns, (0, 0) where that matrix has none. Null: it lies like the parameter itself.
/// </param>
public readonly record struct MatrixState(string Name, Func<long, long, (long Rows, long Columns)>? Shape = null)
{
    /// <summary>
    /// Whether the pass that prepares the gradient updates it (see <see cref="MatrixRule.CreateFront"/>); it is not handed to the rule then.
    /// </summary>
    public bool InFront { get; init; }

    /// <summary>Whether its values are never below zero.</summary>
    public bool NonNegative { get; init; }
}
