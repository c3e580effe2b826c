namespace Descent.Optimizers;

/// <summary>An update rule with one state tensor. Implement it in a <c>readonly struct</c>.</summary>
public interface IUpdateRule1
{
    /// <summary>Updates the parameter and the state from the gradient.</summary>
    /// <typeparam name="TLane">One, several or all elements.</typeparam>
    /// <param name="p">The parameter.</param>
    /// <param name="g">The gradient, already scaled and with penalties added.</param>
    /// <param name="s0">The state.</param>
    void Update<TLane>(ref TLane p, TLane g, ref TLane s0) where TLane : struct, ILane<TLane>;
}
