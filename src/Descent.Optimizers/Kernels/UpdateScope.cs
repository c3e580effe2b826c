namespace Descent.Optimizers;

/// <summary>What the update of one element looks at beside that element.</summary>
public enum UpdateScope
{
    /// <summary>Nothing: a rule that can run over any part of a tensor, on any lane.</summary>
    Element,

    /// <summary>Sums over its tensor, or over a part of it such as a row: the tensor's shape matters.</summary>
    Tensor,

    /// <summary>Sums over all tensors of its group, which must be in one call.</summary>
    Group,
}
