namespace Descent.Optimizers;

/// <summary>A rule with one number a block, which lives in the second state.</summary>
internal interface IBlockRule : IReductionRule
{
    /// <summary>The block's number after this step.</summary>
    /// <param name="value">The number so far.</param>
    /// <param name="sum">The sum over the block.</param>
    /// <param name="length">Elements of the block.</param>
    double Advance(double value, double sum, long length);

    /// <summary>What follows from the number for the second pass.</summary>
    /// <param name="value">The number as it is stored.</param>
    TensorFactors Settle(double value);
}
