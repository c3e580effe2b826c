using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Descent.Optimizers;

/// <summary>Running sums in four registers of 256 bits.</summary>
internal unsafe struct Sums256<T> : ISums<Sums256<T>, Lane256<T>> where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private Vector256<double> _a;
    private Vector256<double> _b;
    private Vector256<double> _c;
    private Vector256<double> _d;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(Lane256<T> x, int part, bool squares)
    {
        if (typeof(T) == typeof(float))
        {
            Vector256<double> lower = Doubles.Of(x.Value.AsSingle().GetLower());
            Vector256<double> upper = Doubles.Of(x.Value.AsSingle().GetUpper());
            if (part == 0)
            {
                (_a, _b) = (Doubles.Add<T>(lower, _a, squares), Doubles.Add<T>(upper, _b, squares));
            }
            else
            {
                (_c, _d) = (Doubles.Add<T>(lower, _c, squares), Doubles.Add<T>(upper, _d, squares));
            }

            return;
        }

        Vector256<double> four = x.Value.AsDouble();
        switch (part)
        {
            case 0: _a = Doubles.Add<T>(four, _a, squares); break;
            case 1: _b = Doubles.Add<T>(four, _b, squares); break;
            case 2: _c = Doubles.Add<T>(four, _c, squares); break;
            default: _d = Doubles.Add<T>(four, _d, squares); break;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddEach(Lane256<T> x, double* sums)
    {
        if (typeof(T) == typeof(float))
        {
            (Vector256.Load(sums) + Doubles.Of(x.Value.AsSingle().GetLower())).Store(sums);
            (Vector256.Load(sums + 4) + Doubles.Of(x.Value.AsSingle().GetUpper())).Store(sums + 4);
        }
        else
        {
            (Vector256.Load(sums) + x.Value.AsDouble()).Store(sums);
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
