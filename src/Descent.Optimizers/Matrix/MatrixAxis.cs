namespace Descent.Optimizers;

/// <summary>What a sum over a matrix runs over, or what one factor scales.</summary>
public enum MatrixAxis
{
    /// <summary>The whole matrix: one number.</summary>
    Whole,

    /// <summary>Each row: as many numbers as rows.</summary>
    Rows,

    /// <summary>Each column: as many numbers as columns.</summary>
    Columns,
}
