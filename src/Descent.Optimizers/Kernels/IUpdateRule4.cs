namespace Descent.Optimizers;

/// <summary>An update rule with four state tensors. Implement it in a <c>readonly struct</c>.</summary>
public interface IUpdateRule4
{
    /// <summary>Updates the parameter and the states from the gradient.</summary>
    /// <typeparam name="TLane">One, several or all elements.</typeparam>
    /// <param name="p">The parameter.</param>
    /// <param name="g">The gradient, already scaled and with penalties added.</param>
    /// <param name="s0">The first state.</param>
    /// <param name="s1">The second state.</param>
    /// <param name="s2">The third state.</param>
    /// <param name="s3">The fourth state.</param>
    void Update<TLane>(ref TLane p, TLane g, ref TLane s0, ref TLane s1, ref TLane s2, ref TLane s3)
        where TLane : struct, ILane<TLane>;
}
