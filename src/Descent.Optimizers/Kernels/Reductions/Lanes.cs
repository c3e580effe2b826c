using System.Runtime.CompilerServices;

namespace Descent.Optimizers;

/// <summary>Which registers a loop may use.</summary>
internal static class Lanes
{
    /// <summary>Whether a lane is allowed: up to the widest one asked for or, where none is, whatever the processor has.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Allow(LaneWidth widest, LaneWidth lane, bool accelerated) => widest == LaneWidth.Widest ? accelerated : lane <= widest;
}
