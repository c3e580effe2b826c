namespace Descent.Optimizers;

/// <summary>A rule whose sums go over each tensor or, of scope <see cref="UpdateScope.Group"/>, over all of a group.</summary>
internal interface ITensorRule : IReductionRule
{
    /// <summary>What follows from the sums.</summary>
    /// <param name="a">Σa or Σa².</param>
    /// <param name="b">Σb or Σb².</param>
    /// <param name="slot">The tensor; of a group, an empty one.</param>
    TensorFactors Settle(double a, double b, in TensorSlot slot);
}
