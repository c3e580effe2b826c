namespace Descent.Optimizers;

/// <summary>How the state tensors of an element-wise rule are stored. <see cref="StateCodec"/> has their layouts.</summary>
public enum StateFormat
{
    /// <summary>As the rule computes them: float, or double beside double parameters. 4 bytes an element.</summary>
    Float32,

    /// <summary>The upper half of a float, rounded stochastically so that slow means go on moving. 2 bytes.</summary>
    Bfloat16,

    /// <summary>8-bit floats in blocks of 256 with a scale each: sign, 4 bits of exponent, 3 of mantissa; 5 and 3 without a sign. 1.016 bytes.</summary>
    Int8,

    /// <summary>4-bit floats in blocks of 128 with a scale each: sign and 3 bits of exponent; 4 of exponent without a sign. 0.531 bytes.</summary>
    Int4,

    /// <summary>The dynamic 8-bit map of bitsandbytes in blocks of 256: a table, for moving states over; slower than <see cref="Int8"/>. 1.016 bytes.</summary>
    Dynamic8,
}
