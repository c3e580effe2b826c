namespace Descent.Optimizers;

/// <summary>
/// One or more numbers that a rule updates at once: a scalar, a vector register, or a whole tensor on another device.
/// A rule is written once over <typeparamref name="TSelf"/> and runs on every implementation.
/// </summary>
/// <remarks>
/// Every operation is IEEE 754 correctly rounded and element-wise, with no estimates and no contraction other than
/// <see cref="FusedMultiplyAdd"/>. Lanes of the same element type and any width therefore give the same bits
/// (the payload of a NaN is the one thing left open).
/// </remarks>
/// <typeparam name="TSelf">The implementing type.</typeparam>
public interface ILane<TSelf> where TSelf : struct, ILane<TSelf>
{
    /// <summary>The same number in every element, rounded once from double to the element type.</summary>
    /// <param name="value">The number.</param>
    static abstract TSelf Broadcast(double value);

    /// <summary>a + b.</summary>
    /// <param name="a">First term.</param>
    /// <param name="b">Second term.</param>
    static abstract TSelf operator +(TSelf a, TSelf b);

    /// <summary>a − b.</summary>
    /// <param name="a">Minuend.</param>
    /// <param name="b">Subtrahend.</param>
    static abstract TSelf operator -(TSelf a, TSelf b);

    /// <summary>a × b.</summary>
    /// <param name="a">First factor.</param>
    /// <param name="b">Second factor.</param>
    static abstract TSelf operator *(TSelf a, TSelf b);

    /// <summary>a ÷ b, correctly rounded.</summary>
    /// <param name="a">Dividend.</param>
    /// <param name="b">Divisor.</param>
    static abstract TSelf operator /(TSelf a, TSelf b);

    /// <summary>a × b + c with one rounding.</summary>
    /// <param name="a">First factor.</param>
    /// <param name="b">Second factor.</param>
    /// <param name="c">The term added to the exact product.</param>
    static abstract TSelf FusedMultiplyAdd(TSelf a, TSelf b, TSelf c);

    /// <summary>√x, correctly rounded; NaN below zero.</summary>
    /// <param name="x">The number.</param>
    static abstract TSelf Sqrt(TSelf x);

    /// <summary>The larger of a and b; NaN if either is NaN.</summary>
    /// <param name="a">First number.</param>
    /// <param name="b">Second number.</param>
    static abstract TSelf Max(TSelf a, TSelf b);

    /// <summary>The smaller of a and b; NaN if either is NaN.</summary>
    /// <param name="a">First number.</param>
    /// <param name="b">Second number.</param>
    static abstract TSelf Min(TSelf a, TSelf b);

    /// <summary>|x|.</summary>
    /// <param name="x">The number.</param>
    static abstract TSelf Abs(TSelf x);

    /// <summary>−1 below zero, 1 above zero, 0 at zero. The sign of a NaN is left open.</summary>
    /// <param name="x">The number.</param>
    static abstract TSelf Sign(TSelf x);

    /// <summary>a where x &gt; 0, else b; b where x is NaN.</summary>
    /// <param name="x">The number that decides.</param>
    /// <param name="a">The result above zero.</param>
    /// <param name="b">The result otherwise.</param>
    static abstract TSelf SelectPositive(TSelf x, TSelf a, TSelf b);
}
