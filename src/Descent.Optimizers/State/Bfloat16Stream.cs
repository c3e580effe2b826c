using System.Runtime.CompilerServices;

namespace Descent.Optimizers;

/// <summary>Floats from bfloat16 and back: parameters, gradients and states. What isn't finite stays so; a finite value may round to infinity.</summary>
internal static unsafe class Bfloat16Stream
{
    public static void Read(ushort* source, int count, float* values, LaneWidth width)
    {
        int done = BitLanes.Choose(width) switch
        {
            LaneWidth.Bits512 => Read<BitLane512>(source, 0, count, values),
            LaneWidth.Bits256 => Read<BitLane256>(source, 0, count, values),
            LaneWidth.Bits128 => Read<BitLane128>(source, 0, count, values),
            _ => 0,
        };
        Read<ScalarBitLane>(source, done, count, values);
    }

    public static void Write<TRounding>(float* values, ushort* destination, int count, TRounding rounding, LaneWidth width)
        where TRounding : struct, IRounding
    {
        int done = BitLanes.Choose(width) switch
        {
            LaneWidth.Bits512 => Write<BitLane512, TRounding>(values, destination, 0, count, rounding),
            LaneWidth.Bits256 => Write<BitLane256, TRounding>(values, destination, 0, count, rounding),
            LaneWidth.Bits128 => Write<BitLane128, TRounding>(values, destination, 0, count, rounding),
            _ => 0,
        };
        Write<ScalarBitLane, TRounding>(values, destination, done, count, rounding);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int Read<TBits>(ushort* source, int i, int count, float* values) where TBits : struct, IBitLane<TBits>
    {
        for (; i <= count - TBits.Width; i += TBits.Width)
        {
            TBits.Store(TBits.LoadHalves(source + i) << 16, values + i);
        }

        return i;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int Write<TBits, TRounding>(float* values, ushort* destination, int i, int count, TRounding rounding)
        where TBits : struct, IBitLane<TBits>
        where TRounding : struct, IRounding
    {
        for (; i <= count - TBits.Width; i += TBits.Width)
        {
            TBits.StoreHalves(TBits.AddToNumbers(TBits.Load(values + i), rounding.Next<TBits>((uint)i, 16)) >> 16, destination + i);
        }

        return i;
    }
}
