using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Descent.Optimizers;

/// <summary>Running sums in eight registers of 128 bits, in pairs.</summary>
internal unsafe struct Sums128<T> : ISums<Sums128<T>, Lane128<T>> where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private Vector256<double> _a;
    private Vector256<double> _b;
    private Vector256<double> _c;
    private Vector256<double> _d;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(Lane128<T> x, int part, bool squares)
    {
        // Of doubles two lanes make up four elements: what the other half gets then is 0, which changes nothing.
        bool floats = typeof(T) == typeof(float);
        Vector256<double> four = floats ? Doubles.Of(x.Value.AsSingle())
            : (part & 1) == 0 ? Vector256.Create(x.Value.AsDouble(), Vector128<double>.Zero)
            : Vector256.Create(Vector128<double>.Zero, x.Value.AsDouble());
        switch (floats ? part : part / 2)
        {
            case 0: _a = Doubles.Add<T>(four, _a, squares); break;
            case 1: _b = Doubles.Add<T>(four, _b, squares); break;
            case 2: _c = Doubles.Add<T>(four, _c, squares); break;
            default: _d = Doubles.Add<T>(four, _d, squares); break;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddEach(Lane128<T> x, double* sums)
    {
        if (typeof(T) == typeof(float))
        {
            (Vector256.Load(sums) + Doubles.Of(x.Value.AsSingle())).Store(sums);
        }
        else
        {
            (Vector128.Load(sums) + x.Value.AsDouble()).Store(sums);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void AddTo(double* sums)
    {
        (Vector256.Load(sums) + _a).Store(sums);
        (Vector256.Load(sums + 4) + _b).Store(sums + 4);
        (Vector256.Load(sums + 8) + _c).Store(sums + 8);
        (Vector256.Load(sums + 12) + _d).Store(sums + 12);
    }
}
