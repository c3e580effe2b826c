using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Descent.Optimizers;

/// <summary>Running sums in two registers of 512 bits.</summary>
internal unsafe struct Sums512<T> : ISums<Sums512<T>, Lane512<T>> where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private Vector512<double> _low;
    private Vector512<double> _high;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(Lane512<T> x, int part, bool squares)
    {
        if (typeof(T) == typeof(float))
        {
            Vector512<float> floats = x.Value.AsSingle();
            _low = Doubles.Add<T>(Doubles.Of(floats.GetLower()), _low, squares);
            _high = Doubles.Add<T>(Doubles.Of(floats.GetUpper()), _high, squares);
        }
        else if (part == 0)
        {
            _low = Doubles.Add<T>(x.Value.AsDouble(), _low, squares);
        }
        else
        {
            _high = Doubles.Add<T>(x.Value.AsDouble(), _high, squares);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddEach(Lane512<T> x, double* sums)
    {
        if (typeof(T) == typeof(float))
        {
            (Vector512.Load(sums) + Doubles.Of(x.Value.AsSingle().GetLower())).Store(sums);
            (Vector512.Load(sums + 8) + Doubles.Of(x.Value.AsSingle().GetUpper())).Store(sums + 8);
        }
        else
        {
            (Vector512.Load(sums) + x.Value.AsDouble()).Store(sums);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void AddTo(double* sums)
    {
        (Vector512.Load(sums) + _low).Store(sums);
        (Vector512.Load(sums + 8) + _high).Store(sums + 8);
    }
}
