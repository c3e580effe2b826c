using System.Numerics;
using System.Runtime.CompilerServices;

namespace Descent.Optimizers;

/// <summary>x ← f·x and x ← clamp(x, ±c) over neighbouring elements, element by element, so the same bits in any registers.</summary>
internal static unsafe class Scaling
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void InPlace<T>(T* x, long count, double factor) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var lanes = Lane256<T>.Broadcast(factor);
        var one = ScalarLane<T>.Broadcast(factor);
        nint i = 0;
        for (nint last = (nint)count - Lane256<T>.Width; i <= last; i += Lane256<T>.Width)
        {
            Lane256<T>.Store(Lane256<T>.Load(x + i) * lanes, x + i);
        }

        for (; i < (nint)count; i++)
        {
            x[i] *= one.Value;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Clamp<T>(T* x, long count, double limit) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var (high, low) = (Lane256<T>.Broadcast(limit), Lane256<T>.Broadcast(-limit));
        var (top, bottom) = (ScalarLane<T>.Broadcast(limit), ScalarLane<T>.Broadcast(-limit));
        nint i = 0;
        for (nint last = (nint)count - Lane256<T>.Width; i <= last; i += Lane256<T>.Width)
        {
            Lane256<T>.Store(Lane256<T>.Max(Lane256<T>.Min(Lane256<T>.Load(x + i), high), low), x + i);
        }

        for (; i < (nint)count; i++)
        {
            x[i] = ScalarLane<T>.Max(ScalarLane<T>.Min(new(x[i]), top), bottom).Value;
        }
    }
}
