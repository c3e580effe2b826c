namespace Descent.Optimizers;

/// <summary>An update rule without state. Implement it in a <c>readonly struct</c>.</summary>
public interface IUpdateRule0
{
    /// <summary>Updates the parameter from its gradient.</summary>
    /// <typeparam name="TLane">One, several or all elements.</typeparam>
    /// <param name="p">The parameter.</param>
    /// <param name="g">The gradient, already scaled and with penalties added.</param>
    void Update<TLane>(ref TLane p, TLane g) where TLane : struct, ILane<TLane>;
}
