using System.Runtime.CompilerServices;

namespace Descent.Optimizers;

/// <summary>Which of the two dynamic maps.</summary>
internal interface IDynamicMap
{
    static abstract DynamicMap Map { get; }
}

/// <summary>The map with a sign.</summary>
internal readonly struct SignedMap : IDynamicMap
{
    public static DynamicMap Map => DynamicMap.Signed;
}

/// <summary>The map without a sign.</summary>
internal readonly struct UnsignedMap : IDynamicMap
{
    public static DynamicMap Map => DynamicMap.Unsigned;
}

/// <summary>256 places in a dynamic map, a byte each, nearest value; rounding plays no part, as in bitsandbytes.</summary>
internal readonly struct DynamicCode<TMap> : IBlockCode where TMap : struct, IDynamicMap
{
    public static int Elements => 256;

    public static int Bytes => 256;

    public static float Largest => 1;

    public static byte Zero => TMap.Map.Zero;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static unsafe void Decode<TBits>(byte* codes, float scale, float* values) where TBits : struct, IBitLane<TBits>
    {
        ReadOnlySpan<float> map = TMap.Map.Values;
        for (int i = 0; i < 256; i++)
        {
            values[i] = map[codes[i]] * scale;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static unsafe void Encode<TBits, TRounding>(float* values, float unscale, byte* codes, TRounding rounding, uint index)
        where TBits : struct, IBitLane<TBits>
        where TRounding : struct, IRounding
    {
        DynamicMap map = TMap.Map;
        for (int i = 0; i < 256; i++)
        {
            codes[i] = map.Nearest(values[i] * unscale);
        }
    }
}
