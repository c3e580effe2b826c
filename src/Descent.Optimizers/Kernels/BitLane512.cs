using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Descent.Optimizers;

/// <summary>A register of 512 bits as 16 words. Where the processor has none, the runtime emulates it with the same bits.</summary>
internal readonly struct BitLane512(Vector512<uint> value) : IBitLane<BitLane512, Lane512<float>>
{
    private readonly Vector512<uint> _value = value;

    public static int Width => Vector512<uint>.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BitLane512 Broadcast(uint value) => new(Vector512.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BitLane512 Count(uint first) => new(Vector512.Create(first) + Vector512<uint>.Indices);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe BitLane512 Load(float* source) => new(Vector512.Load((uint*)source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void Store(BitLane512 value, float* destination) => value._value.Store((uint*)destination);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe BitLane512 LoadBytes(byte* source) =>
        new(Avx512F.IsSupported ? Avx512F.ConvertToVector512UInt32(Vector128.Load(source))
            : Vector512.Create(BitLane256.Widen(Vector128.Load(source).GetLower()), BitLane256.Widen(Vector128.Load(source).GetUpper())));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe BitLane512 LoadSignedBytes(byte* source) =>
        new(Avx512F.IsSupported ? Avx512F.ConvertToVector512Int32(Vector128.Load((sbyte*)source)).AsUInt32()
            : Vector512.Create(BitLane256.LoadSignedBytes(source).Value, BitLane256.LoadSignedBytes(source + 8).Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void StoreBytes(BitLane512 value, byte* destination) =>
        (Avx512F.IsSupported ? Avx512F.ConvertToVector128Byte(value._value)
            : Vector128.Create(BitLane256.Narrow(value._value.GetLower()), BitLane256.Narrow(value._value.GetUpper()))).Store(destination);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void StoreBytes(BitLane512 first, BitLane512 second, byte* destination)
    {
        if (Avx512Vbmi.IsSupported)
        {
            // Every fourth byte of both: one permutation instead of two narrowings, which take three times as long.
            Vector512<byte> fourths = Vector512<byte>.Indices * 4;
            Avx512Vbmi.PermuteVar64x8x2(first._value.AsByte(), fourths, second._value.AsByte()).GetLower().Store(destination);
            return;
        }

        StoreBytes(first, destination);
        StoreBytes(second, destination + Width);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe BitLane512 LoadHalves(ushort* source) =>
        new(Avx512F.IsSupported ? Avx512F.ConvertToVector512UInt32(Vector256.Load(source))
            : Vector512.Create(BitLane256.Widen(Vector128.Load(source)), BitLane256.Widen(Vector128.Load(source + 8))));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void StoreHalves(BitLane512 value, ushort* destination) =>
        (Avx512F.IsSupported ? Avx512F.ConvertToVector256UInt16(value._value)
            : Vector256.Create(BitLane256.NarrowHalves(value._value.GetLower()), BitLane256.NarrowHalves(value._value.GetUpper()))).Store(destination);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BitLane512 operator &(BitLane512 a, BitLane512 b) => new(a._value & b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BitLane512 operator |(BitLane512 a, BitLane512 b) => new(a._value | b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BitLane512 operator ^(BitLane512 a, BitLane512 b) => new(a._value ^ b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BitLane512 operator +(BitLane512 a, BitLane512 b) => new(a._value + b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BitLane512 operator -(BitLane512 a, BitLane512 b) => new(a._value - b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BitLane512 operator *(BitLane512 a, BitLane512 b) => new(a._value * b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BitLane512 operator <<(BitLane512 a, int count) => new(a._value << count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BitLane512 operator >>(BitLane512 a, int count) => new(a._value >> count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BitLane512 ShiftSigned(BitLane512 a, int count) => new((a._value.AsInt32() >> count).AsUInt32());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BitLane512 Min(BitLane512 a, BitLane512 b) => new(Vector512.Min(a._value.AsInt32(), b._value.AsInt32()).AsUInt32());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BitLane512 Max(BitLane512 a, BitLane512 b) => new(Vector512.Max(a._value.AsInt32(), b._value.AsInt32()).AsUInt32());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BitLane512 AddToNumbers(BitLane512 a, BitLane512 b) =>
        new(Vector512.ConditionalSelect(Vector512.Equals(a._value.AsSingle(), a._value.AsSingle()).AsUInt32(), a._value + b._value, a._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BitLane512 AndOr(BitLane512 a, BitLane512 mask, BitLane512 set) =>
        new(Avx512F.IsSupported ? Avx512F.TernaryLogic(a._value, mask._value, set._value, 0xEA) : (a._value & mask._value) | set._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BitLane512 Select(BitLane512 mask, BitLane512 a, BitLane512 b) => new(Vector512.ConditionalSelect(mask._value, a._value, b._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BitLane512 OfFloats(Lane512<float> floats) => new(floats.Value.AsUInt32());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane512<float> AsFloats(BitLane512 bits) => new(bits._value.AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BitLane512 FusedMultiplyAdd(BitLane512 a, BitLane512 b, BitLane512 c) =>
        new(Vector512.FusedMultiplyAdd(a._value.AsSingle(), b._value.AsSingle(), c._value.AsSingle()).AsUInt32());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Largest(BitLane512 a) =>
        BitLane256.Largest(BitLane256.Max(new BitLane256(a._value.GetLower()), new BitLane256(a._value.GetUpper())));
}
