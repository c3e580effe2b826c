using System.Runtime.CompilerServices;

namespace Descent.Optimizers;

/// <summary>
/// How a small float of E bits of exponent and M of mantissa lies in a float's bits. Literals rather than sums of E and M: the JIT's budget for inlining
/// is spent on the lanes.
/// </summary>
internal interface IMiniFloatShape
{
    static abstract bool Signed { get; }

    /// <summary>E + M.</summary>
    static abstract int Bits { get; }

    /// <summary>Bits of a float's mantissa that are cut off: 23 − M.</summary>
    static abstract int Cut { get; }

    /// <summary>What lies between a code's exponent and a float's, in place: (128 − 2ᴱ)·2²³, so that the largest code has the exponent of 1.</summary>
    static abstract uint Base { get; }
}

/// <summary>8 bits with a sign, 4 of exponent, 3 of mantissa: 18 octaves below the block's largest value, in steps of an eighth.</summary>
internal readonly struct Signed8 : IMiniFloatShape
{
    public static bool Signed => true;

    public static int Bits => 7;

    public static int Cut => 20;

    public static uint Base => 0x38000000;
}

/// <summary>8 bits without a sign, 5 of exponent, 3 of mantissa: 34 octaves, because squares span twice as many, in steps of an eighth.</summary>
internal readonly struct Unsigned8 : IMiniFloatShape
{
    public static bool Signed => false;

    public static int Bits => 8;

    public static int Cut => 20;

    public static uint Base => 0x30000000;
}

/// <summary>4 bits with a sign, 3 of exponent: 7 octaves, (2ᶜ − 1)/127 of the block's largest value.</summary>
internal readonly struct Signed4 : IMiniFloatShape
{
    public static bool Signed => true;

    public static int Bits => 3;

    public static int Cut => 23;

    public static uint Base => 0x3C000000;
}

/// <summary>4 bits without a sign, all of exponent: 15 octaves, (2ᶜ − 1)/32,767.</summary>
internal readonly struct Unsigned4 : IMiniFloatShape
{
    public static bool Signed => false;

    public static int Bits => 4;

    public static int Cut => 23;

    public static uint Base => 0x38000000;
}

/// <summary>
/// A float of few bits that is scaled by its block. Code c stands for F(c) − F(0), where F(c) is the float with the bits of c as its exponent and the front of its
/// mantissa: in steps of 2⁻ᴹ of the value at the top, evenly around zero, which is code 0. Decoding puts bits into place, encoding cuts them off: shifts,
/// additions and one fused product, no table.
/// </summary>
/// <remarks>Where there is no sign, a value above zero never becomes zero: rules divide by the root of such states, and Adam's step would explode.</remarks>
internal static class MiniFloat<TShape> where TShape : struct, IMiniFloatShape
{
    private const uint SignBit = 0x8000_0000;
    private const uint Magnitude = 0x7FFF_FFFF;

    /// <summary>What the largest code stands for before it is scaled.</summary>
    public static float Largest
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => BitConverter.UInt32BitsToSingle((((1u << TShape.Bits) - 1) << TShape.Cut) + TShape.Base) - Zero;
    }

    /// <summary>F(0), a power of two.</summary>
    public static float Zero
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => BitConverter.UInt32BitsToSingle(TShape.Base);
    }

    /// <param name="code">The codes where their bits lie in a float, and the sign in its place.</param>
    /// <param name="scale">The block's scale.</param>
    /// <param name="minusZero">−F(0)·scale, which is exact.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TBits Decode<TBits>(TBits code, TBits scale, TBits minusZero) where TBits : struct, IBitLane<TBits>
    {
        // Base and the codes have no bit in common.
        TBits magnitude = TBits.AndOr(code, TBits.Broadcast(((1u << TShape.Bits) - 1) << TShape.Cut), TBits.Broadcast(TShape.Base));
        TBits value = TBits.FusedMultiplyAdd(magnitude, scale, minusZero);
        return TShape.Signed ? TBits.Select(TBits.Broadcast(SignBit), code, value) : value;
    }

    /// <param name="value">The values.</param>
    /// <param name="unscale">A little less than 1/scale (<see cref="BlockScale.Shy"/>), so that the largest value with the largest rounding is not above the largest code.</param>
    /// <param name="rounding">As many bits as are cut off.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TBits Encode<TBits>(TBits value, TBits unscale, TBits rounding) where TBits : struct, IBitLane<TBits>
    {
        TBits magnitude = value & TBits.Broadcast(Magnitude);
        TBits moved = TBits.FusedMultiplyAdd(magnitude, unscale, TBits.Broadcast(TShape.Base));

        // As integers, positive floats are in order and a carry out of the mantissa is the next exponent. The lowest bits of Base >> Cut are zero.
        TBits code = (moved + rounding) >> TShape.Cut;
        return TShape.Signed
            ? TBits.Select(TBits.Broadcast((1u << TShape.Bits) - 1), code, value >> (31 - TShape.Bits))
            : TBits.Max(code, TBits.Min(magnitude, TBits.Broadcast((TShape.Base >> TShape.Cut) | 1)));
    }
}
