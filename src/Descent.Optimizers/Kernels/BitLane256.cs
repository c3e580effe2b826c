using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Descent.Optimizers;

/// <summary>A register of 256 bits as 8 words.</summary>
internal readonly struct BitLane256(Vector256<uint> value) : IBitLane<BitLane256, Lane256<float>>
{
    private readonly Vector256<uint> _value = value;

    /// <summary>The register.</summary>
    public Vector256<uint> Value => _value;

    public static int Width => Vector256<uint>.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BitLane256 Broadcast(uint value) => new(Vector256.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BitLane256 Count(uint first) => new(Vector256.Create(first) + Vector256<uint>.Indices);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe BitLane256 Load(float* source) => new(Vector256.Load((uint*)source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void Store(BitLane256 value, float* destination) => value._value.Store((uint*)destination);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe BitLane256 LoadBytes(byte* source) =>
        new(Widen(Vector64.Load(source)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe BitLane256 LoadSignedBytes(byte* source) =>
        new(WidenSigned(Vector128.CreateScalarUnsafe(Unsafe.ReadUnaligned<ulong>(source)).AsSByte()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void StoreBytes(BitLane256 value, byte* destination) =>
        Narrow(value._value).Store(destination);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void StoreBytes(BitLane256 first, BitLane256 second, byte* destination)
    {
        StoreBytes(first, destination);
        StoreBytes(second, destination + Width);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe BitLane256 LoadHalves(ushort* source) =>
        new(Widen(Vector128.Load(source)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void StoreHalves(BitLane256 value, ushort* destination) =>
        NarrowHalves(value._value).Store(destination);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BitLane256 operator &(BitLane256 a, BitLane256 b) => new(a._value & b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BitLane256 operator |(BitLane256 a, BitLane256 b) => new(a._value | b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BitLane256 operator ^(BitLane256 a, BitLane256 b) => new(a._value ^ b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BitLane256 operator +(BitLane256 a, BitLane256 b) => new(a._value + b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BitLane256 operator -(BitLane256 a, BitLane256 b) => new(a._value - b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BitLane256 operator *(BitLane256 a, BitLane256 b) => new(a._value * b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BitLane256 operator <<(BitLane256 a, int count) => new(a._value << count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BitLane256 operator >>(BitLane256 a, int count) => new(a._value >> count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BitLane256 ShiftSigned(BitLane256 a, int count) => new((a._value.AsInt32() >> count).AsUInt32());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BitLane256 Min(BitLane256 a, BitLane256 b) => new(Vector256.Min(a._value.AsInt32(), b._value.AsInt32()).AsUInt32());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BitLane256 Max(BitLane256 a, BitLane256 b) => new(Vector256.Max(a._value.AsInt32(), b._value.AsInt32()).AsUInt32());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BitLane256 AddToNumbers(BitLane256 a, BitLane256 b) =>
        new(Vector256.ConditionalSelect(Vector256.Equals(a._value.AsSingle(), a._value.AsSingle()).AsUInt32(), a._value + b._value, a._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BitLane256 AndOr(BitLane256 a, BitLane256 mask, BitLane256 set) =>
        new((a._value & mask._value) | set._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BitLane256 Select(BitLane256 mask, BitLane256 a, BitLane256 b) => new(Vector256.ConditionalSelect(mask._value, a._value, b._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BitLane256 OfFloats(Lane256<float> floats) => new(floats.Value.AsUInt32());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane256<float> AsFloats(BitLane256 bits) => new(bits._value.AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BitLane256 FusedMultiplyAdd(BitLane256 a, BitLane256 b, BitLane256 c) =>
        new(Vector256.FusedMultiplyAdd(a._value.AsSingle(), b._value.AsSingle(), c._value.AsSingle()).AsUInt32());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Largest(BitLane256 a) =>
        BitLane128.Largest(BitLane128.Max(new BitLane128(a._value.GetLower()), new BitLane128(a._value.GetUpper())));

    /// <summary>Eight bytes as words.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> Widen(Vector64<byte> bytes) => Widen(Vector128.WidenLower(bytes.ToVector128()));

    /// <summary>Eight bytes with a sign as words.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> WidenSigned(Vector128<sbyte> bytes)
    {
        if (Avx2.IsSupported)
        {
            return Avx2.ConvertToVector256Int32(bytes).AsUInt32();
        }

        Vector128<short> halves = Vector128.WidenLower(bytes);
        return Vector256.Create(Vector128.WidenLower(halves), Vector128.WidenUpper(halves)).AsUInt32();
    }

    /// <summary>Eight 16-bit numbers as words.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> Widen(Vector128<ushort> halves) =>
        Avx2.IsSupported ? Avx2.ConvertToVector256Int32(halves).AsUInt32() : Vector256.Create(Vector128.WidenLower(halves), Vector128.WidenUpper(halves));

    /// <summary>The lowest bytes of eight words.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector64<byte> Narrow(Vector256<uint> words)
    {
        Vector128<ushort> halves = NarrowHalves(words);
        return Vector128.Narrow(halves, halves).GetLower();
    }

    /// <summary>The lowest 16 bits of eight words.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ushort> NarrowHalves(Vector256<uint> words) => Vector128.Narrow(words.GetLower(), words.GetUpper());
}
