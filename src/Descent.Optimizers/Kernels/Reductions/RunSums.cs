using System.Runtime.CompilerServices;

namespace Descent.Optimizers;

/// <summary>
/// Sixteen running sums in the elements' own type, for a short run only: then they go to sums in double. Where what is summed ends in a state of that type, or in a factor
/// near 1, this loses nothing (a run of 32 terms errs by less than 2⁻²⁰) and saves most conversions, which take longer than the additions.
/// </summary>
/// <typeparam name="TLane">The lane, of which four make up sixteen elements at most.</typeparam>
/// <typeparam name="TSums">The sums in double for that lane.</typeparam>
internal unsafe struct RunSums<TLane, TSums>
    where TLane : struct, ILane<TLane>
    where TSums : struct, ISums<TSums, TLane>
{
    private TLane _a;
    private TLane _b;
    private TLane _c;
    private TLane _d;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void AddSquare(TLane x, int part)
    {
        switch (part)
        {
            case 0: _a = TLane.FusedMultiplyAdd(x, x, _a); break;
            case 1: _b = TLane.FusedMultiplyAdd(x, x, _b); break;
            case 2: _c = TLane.FusedMultiplyAdd(x, x, _c); break;
            default: _d = TLane.FusedMultiplyAdd(x, x, _d); break;
        }
    }

    /// <summary>Adds the run to sixteen sums in memory.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void AddTo(double* sums)
    {
        TSums wide = default;
        wide.Add(_a, 0, squares: false);
        if (typeof(TSums) != typeof(Sums512<float>))
        {
            wide.Add(_b, 1, squares: false);
        }

        if (typeof(TSums) != typeof(Sums512<float>) && typeof(TSums) != typeof(Sums512<double>) && typeof(TSums) != typeof(Sums256<float>))
        {
            wide.Add(_c, 2, squares: false);
            wide.Add(_d, 3, squares: false);
        }

        wide.AddTo(sums);
    }
}
