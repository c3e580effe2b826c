namespace Descent.Optimizers;

/// <summary>
/// A rule that divides by the root of a matrix of rank one: the means over rows and over columns of the squared gradient, kept as two states.
/// </summary>
internal interface IFactoredRule
{
    /// <summary>Whether there is a momentum, the fourth state.</summary>
    static abstract bool HasMomentum { get; }

    /// <summary>A mean after this step.</summary>
    /// <param name="value">The mean so far.</param>
    /// <param name="squares">The mean of this step's squared gradient over a row or a column.</param>
    double Advance(double value, double squares);

    /// <summary>1 over the root of a row's part.</summary>
    /// <param name="row">The row's mean.</param>
    /// <param name="mean">The mean of all rows' means.</param>
    double RowFactor(double row, double mean);

    /// <summary>1 over the root of a column's part.</summary>
    /// <param name="column">The column's mean.</param>
    double ColumnFactor(double column);

    /// <summary>The direction.</summary>
    TLane Direction<TLane>(TLane g, TLane rowFactor, TLane columnFactor) where TLane : struct, ILane<TLane>;

    /// <summary>What follows from the sums over the tensor.</summary>
    /// <param name="parameterSquares">Σp².</param>
    /// <param name="directionSquares">Σu².</param>
    /// <param name="length">Elements.</param>
    TensorFactors Settle(double parameterSquares, double directionSquares, long length);

    /// <summary>Moves the parameter and the momentum.</summary>
    void Update<TLane>(ref TLane p, ref TLane m, TLane direction, TLane step, TLane keep) where TLane : struct, ILane<TLane>;
}
