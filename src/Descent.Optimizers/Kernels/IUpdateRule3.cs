namespace Descent.Optimizers;

/// <summary>An update rule with three state tensors. Implement it in a <c>readonly struct</c>.</summary>
public interface IUpdateRule3
{
    /// <summary>Updates the parameter and the states from the gradient.</summary>
    /// <typeparam name="TLane">One, several or all elements.</typeparam>
    /// <param name="p">The parameter.</param>
    /// <param name="g">The gradient, already scaled and with penalties added.</param>
    /// <param name="s0">The first state.</param>
    /// <param name="s1">The second state.</param>
    /// <param name="s2">The third state.</param>
    void Update<TLane>(ref TLane p, TLane g, ref TLane s0, ref TLane s1, ref TLane s2) where TLane : struct, ILane<TLane>;
}
