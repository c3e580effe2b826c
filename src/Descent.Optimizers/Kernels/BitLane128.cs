using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Descent.Optimizers;

/// <summary>A register of 128 bits as 4 words.</summary>
internal readonly struct BitLane128(Vector128<uint> value) : IBitLane<BitLane128, Lane128<float>>
{
    private readonly Vector128<uint> _value = value;

    public static int Width => Vector128<uint>.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BitLane128 Broadcast(uint value) => new(Vector128.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BitLane128 Count(uint first) => new(Vector128.Create(first) + Vector128<uint>.Indices);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe BitLane128 Load(float* source) => new(Vector128.Load((uint*)source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void Store(BitLane128 value, float* destination) => value._value.Store((uint*)destination);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe BitLane128 LoadBytes(byte* source) =>
        new(Vector128.WidenLower(Vector128.WidenLower(Vector128.CreateScalarUnsafe(Unsafe.ReadUnaligned<uint>(source)).AsByte())));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe BitLane128 LoadSignedBytes(byte* source) =>
        new(Vector128.WidenLower(Vector128.WidenLower(Vector128.CreateScalarUnsafe(Unsafe.ReadUnaligned<uint>(source)).AsSByte())).AsUInt32());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void StoreBytes(BitLane128 value, byte* destination) =>
        Unsafe.WriteUnaligned(destination, Bytes(value._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void StoreBytes(BitLane128 first, BitLane128 second, byte* destination)
    {
        StoreBytes(first, destination);
        StoreBytes(second, destination + Width);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe BitLane128 LoadHalves(ushort* source) =>
        new(Vector128.WidenLower(Vector128.CreateScalarUnsafe(Unsafe.ReadUnaligned<ulong>(source)).AsUInt16()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void StoreHalves(BitLane128 value, ushort* destination) =>
        Unsafe.WriteUnaligned(destination, Vector128.Narrow(value._value, value._value).AsUInt64().ToScalar());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BitLane128 operator &(BitLane128 a, BitLane128 b) => new(a._value & b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BitLane128 operator |(BitLane128 a, BitLane128 b) => new(a._value | b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BitLane128 operator ^(BitLane128 a, BitLane128 b) => new(a._value ^ b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BitLane128 operator +(BitLane128 a, BitLane128 b) => new(a._value + b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BitLane128 operator -(BitLane128 a, BitLane128 b) => new(a._value - b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BitLane128 operator *(BitLane128 a, BitLane128 b) => new(a._value * b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BitLane128 operator <<(BitLane128 a, int count) => new(a._value << count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BitLane128 operator >>(BitLane128 a, int count) => new(a._value >> count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BitLane128 ShiftSigned(BitLane128 a, int count) => new((a._value.AsInt32() >> count).AsUInt32());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BitLane128 Min(BitLane128 a, BitLane128 b) => new(Vector128.Min(a._value.AsInt32(), b._value.AsInt32()).AsUInt32());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BitLane128 Max(BitLane128 a, BitLane128 b) => new(Vector128.Max(a._value.AsInt32(), b._value.AsInt32()).AsUInt32());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BitLane128 AddToNumbers(BitLane128 a, BitLane128 b) =>
        new(Vector128.ConditionalSelect(Vector128.Equals(a._value.AsSingle(), a._value.AsSingle()).AsUInt32(), a._value + b._value, a._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BitLane128 AndOr(BitLane128 a, BitLane128 mask, BitLane128 set) =>
        new((a._value & mask._value) | set._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BitLane128 Select(BitLane128 mask, BitLane128 a, BitLane128 b) => new(Vector128.ConditionalSelect(mask._value, a._value, b._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BitLane128 OfFloats(Lane128<float> floats) => new(floats.Value.AsUInt32());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane128<float> AsFloats(BitLane128 bits) => new(bits._value.AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BitLane128 FusedMultiplyAdd(BitLane128 a, BitLane128 b, BitLane128 c) =>
        new(Vector128.FusedMultiplyAdd(a._value.AsSingle(), b._value.AsSingle(), c._value.AsSingle()).AsUInt32());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Largest(BitLane128 a)
    {
        Vector128<int> pairs = Vector128.Max(a._value.AsInt32(), Vector128.Shuffle(a._value.AsInt32(), Vector128.Create(2, 3, 0, 1)));
        return Vector128.Max(pairs, Vector128.Shuffle(pairs, Vector128.Create(1, 0, 3, 2))).ToScalar();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Bytes(Vector128<uint> words)
    {
        Vector128<ushort> halves = Vector128.Narrow(words, words);
        return Vector128.Narrow(halves, halves).AsUInt32().ToScalar();
    }
}
