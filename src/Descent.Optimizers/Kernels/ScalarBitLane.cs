namespace Descent.Optimizers;

/// <summary>One word: the reference that every wide lane agrees with.</summary>
internal readonly struct ScalarBitLane(uint value) : IBitLane<ScalarBitLane, ScalarLane<float>>
{
    private readonly uint _value = value;

    public static int Width => 1;

    public static ScalarBitLane Broadcast(uint value) => new(value);

    public static ScalarBitLane Count(uint first) => new(first);

    public static unsafe ScalarBitLane Load(float* source) => new(*(uint*)source);

    public static unsafe void Store(ScalarBitLane value, float* destination) => *(uint*)destination = value._value;

    public static unsafe ScalarBitLane LoadBytes(byte* source) => new(*source);

    public static unsafe ScalarBitLane LoadSignedBytes(byte* source) => new((uint)*(sbyte*)source);

    public static unsafe void StoreBytes(ScalarBitLane value, byte* destination) => *destination = (byte)value._value;

    public static unsafe void StoreBytes(ScalarBitLane first, ScalarBitLane second, byte* destination)
    {
        StoreBytes(first, destination);
        StoreBytes(second, destination + 1);
    }

    public static unsafe ScalarBitLane LoadHalves(ushort* source) => new(*source);

    public static unsafe void StoreHalves(ScalarBitLane value, ushort* destination) => *destination = (ushort)value._value;

    public static ScalarBitLane operator &(ScalarBitLane a, ScalarBitLane b) => new(a._value & b._value);

    public static ScalarBitLane operator |(ScalarBitLane a, ScalarBitLane b) => new(a._value | b._value);

    public static ScalarBitLane operator ^(ScalarBitLane a, ScalarBitLane b) => new(a._value ^ b._value);

    public static ScalarBitLane operator +(ScalarBitLane a, ScalarBitLane b) => new(unchecked(a._value + b._value));

    public static ScalarBitLane operator -(ScalarBitLane a, ScalarBitLane b) => new(unchecked(a._value - b._value));

    public static ScalarBitLane operator *(ScalarBitLane a, ScalarBitLane b) => new(unchecked(a._value * b._value));

    public static ScalarBitLane operator <<(ScalarBitLane a, int count) => new(a._value << count);

    public static ScalarBitLane operator >>(ScalarBitLane a, int count) => new(a._value >> count);

    public static ScalarBitLane ShiftSigned(ScalarBitLane a, int count) => new((uint)((int)a._value >> count));

    public static ScalarBitLane Min(ScalarBitLane a, ScalarBitLane b) => new((uint)Math.Min((int)a._value, (int)b._value));

    public static ScalarBitLane Max(ScalarBitLane a, ScalarBitLane b) => new((uint)Math.Max((int)a._value, (int)b._value));

    public static ScalarBitLane AddToNumbers(ScalarBitLane a, ScalarBitLane b) =>
        float.IsNaN(BitConverter.UInt32BitsToSingle(a._value)) ? a : a + b;

    public static ScalarBitLane AndOr(ScalarBitLane a, ScalarBitLane mask, ScalarBitLane set) => new((a._value & mask._value) | set._value);

    public static ScalarBitLane Select(ScalarBitLane mask, ScalarBitLane a, ScalarBitLane b) => new((a._value & mask._value) | (b._value & ~mask._value));

    public static ScalarLane<float> AsFloats(ScalarBitLane bits) => new(BitConverter.UInt32BitsToSingle(bits._value));

    public static ScalarBitLane OfFloats(ScalarLane<float> floats) => new(BitConverter.SingleToUInt32Bits(floats.Value));

    public static ScalarBitLane FusedMultiplyAdd(ScalarBitLane a, ScalarBitLane b, ScalarBitLane c) =>
        new(BitConverter.SingleToUInt32Bits(MathF.FusedMultiplyAdd(
            BitConverter.UInt32BitsToSingle(a._value), BitConverter.UInt32BitsToSingle(b._value), BitConverter.UInt32BitsToSingle(c._value))));

    public static int Largest(ScalarBitLane a) => (int)a._value;
}
