using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Descent.Optimizers;

/// <summary>The three loops of a factored rule over some rows of a matrix; sums in double and in a fixed order, whatever the lanes (<see cref="ISums{TSelf, TLane}"/>).</summary>
internal static unsafe class FactoredTraversal<TRule, TPrologue, T>
    where TRule : struct, IFactoredRule
    where TPrologue : struct, IPrologue
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>Rows that a loop takes together, so that it goes to the columns' sums once for all of them.</summary>
    public const int RowsTogether = 4;

    private const int Run = 8 * SixteenSums.Count;

    /// <summary>Brings the means of the rows forward and gives Σg² of every column, added up over the rows of a matrix; returns Σp².</summary>
    [SkipLocalsInit]
    public static double Gather(
        in TRule rule, in TPrologue prologue, T* p, T* g, long rows, in TensorSlot slot, T* rowMeans, double* columnSums, LaneWidth width)
    {
        double* ofRows = stackalloc double[(RowsTogether + 1) * SixteenSums.Count];
        double* ofParameter = ofRows + (RowsTogether * SixteenSums.Count);
        SixteenSums.Clear(ofParameter);
        nint length = (nint)slot.Columns;
        double* columns = columnSums;
        int together;
        for (long row = 0; row < rows; row += together)
        {
            long inMatrix = row % slot.Rows;
            if (inMatrix == 0)
            {
                columns = columnSums + (row / slot.Rows * slot.Columns);
                new Span<double>(columns, checked((int)length)).Clear();
            }

            together = Math.Min(rows - row, slot.Rows - inMatrix) >= RowsTogether ? RowsTogether : 1;
            new Span<double>(ofRows, RowsTogether * SixteenSums.Count).Clear();
            T* pRow = p + (row * length), gRow = g + (row * length);
            nint done = together == RowsTogether
                ? GatherRows<FourRows>(prologue, pRow, gRow, columns, ofRows, ofParameter, length, width)
                : GatherRows<OneRow>(prologue, pRow, gRow, columns, ofRows, ofParameter, length, width);
            if (done < length)
            {
                GatherRest(prologue, pRow, gRow, together, columns, ofRows, ofParameter, done, length);
            }

            for (int k = 0; k < together; k++)
            {
                double mean = SixteenSums.Total(ofRows + (k * SixteenSums.Count)) / slot.Columns;
                rowMeans[row + k] = T.CreateTruncating(rule.Advance(double.CreateTruncating(rowMeans[row + k]), mean));
            }
        }

        return SixteenSums.Total(ofParameter);
    }

    /// <summary>Computes the factors of the rows; returns Σu² of the direction.</summary>
    [SkipLocalsInit]
    public static double Measure(
        in TRule rule, in TPrologue prologue, T* p, T* g, long rows, in TensorSlot slot, T* rowMeans, double* means, T* rowFactors, T* columnFactors, LaneWidth width)
    {
        double* sums = stackalloc double[SixteenSums.Count];
        SixteenSums.Clear(sums);
        nint length = (nint)slot.Columns;
        for (long row = 0; row < rows; row++, p += length, g += length)
        {
            long matrix = row / slot.Rows;
            T factor = rowFactors[row] = T.CreateTruncating(rule.RowFactor(double.CreateTruncating(rowMeans[row]), means[matrix]));
            T* columns = columnFactors + (matrix * slot.Columns);
            nint done = 0;
            if (Lanes.Allow(width, LaneWidth.Bits512, Vector512.IsHardwareAccelerated))
            {
                done = MeasureRow<Lane512<T>, Sums512<T>>(rule, prologue, p, g, factor, columns, sums, length);
            }
            else if (Lanes.Allow(width, LaneWidth.Bits256, Vector256.IsHardwareAccelerated))
            {
                done = MeasureRow<Lane256<T>, Sums256<T>>(rule, prologue, p, g, factor, columns, sums, length);
            }
            else if (typeof(T) == typeof(float) && Lanes.Allow(width, LaneWidth.Bits128, Vector128.IsHardwareAccelerated))
            {
                done = MeasureRow<Lane128<T>, Sums128<T>>(rule, prologue, p, g, factor, columns, sums, length);
            }

            if (done < length)
            {
                MeasureRest(rule, prologue, p, g, factor, columns, sums, done, length);
            }
        }

        return SixteenSums.Total(sums);
    }

    /// <summary>Moves the parameters, and the momentum where there is one.</summary>
    public static void Update(
        in TRule rule, in TPrologue prologue, TensorFactors factors, T* p, T* g, T* m, long rows, in TensorSlot slot, T* rowFactors, T* columnFactors,
        LaneWidth width)
    {
        nint length = (nint)slot.Columns;
        for (long row = 0; row < rows; row++, p += length, g += length, m += length)
        {
            T* columns = columnFactors + (row / slot.Rows * slot.Columns);
            T factor = rowFactors[row];
            nint i = 0;
            if (Lanes.Allow(width, LaneWidth.Bits512, Vector512.IsHardwareAccelerated))
            {
                i = UpdateRow<Lane512<T>>(rule, prologue, factors, p, g, m, factor, columns, i, length);
            }

            if (i < length && Lanes.Allow(width, LaneWidth.Bits256, Vector256.IsHardwareAccelerated))
            {
                i = UpdateRow<Lane256<T>>(rule, prologue, factors, p, g, m, factor, columns, i, length);
            }

            if (i < length && Lanes.Allow(width, LaneWidth.Bits128, Vector128.IsHardwareAccelerated))
            {
                i = UpdateRow<Lane128<T>>(rule, prologue, factors, p, g, m, factor, columns, i, length);
            }

            if (i < length)
            {
                UpdateRow<ScalarLane<T>>(rule, prologue, factors, p, g, m, factor, columns, i, length);
            }
        }
    }

    /// <summary>As many columns as whole sixteens hold; returns how many.</summary>
    private static nint GatherRows<TRows>(TPrologue prologue, T* p, T* g, double* columns, double* ofRows, double* ofParameter, nint length, LaneWidth width)
        where TRows : struct =>
        Lanes.Allow(width, LaneWidth.Bits512, Vector512.IsHardwareAccelerated)
            ? GatherLoop<Lane512<T>, Sums512<T>, TRows>(prologue, p, g, columns, ofRows, ofParameter, length)
        : Lanes.Allow(width, LaneWidth.Bits256, Vector256.IsHardwareAccelerated)
            ? GatherLoop<Lane256<T>, Sums256<T>, TRows>(prologue, p, g, columns, ofRows, ofParameter, length)
        : typeof(T) == typeof(float) && Lanes.Allow(width, LaneWidth.Bits128, Vector128.IsHardwareAccelerated)
            ? GatherLoop<Lane128<T>, Sums128<T>, TRows>(prologue, p, g, columns, ofRows, ofParameter, length)
        : 0;

    // Nothing in here may be a call: the sums would go through memory in every turn.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static nint GatherLoop<TLane, TSums, TRows>(TPrologue prologue, T* p, T* g, double* columns, double* ofRows, double* ofParameter, nint length)
        where TLane : struct, IMemoryLane<TLane, T>
        where TSums : struct, ISums<TSums, TLane>
        where TRows : struct
    {
        nint whole = length & -SixteenSums.Count;
        for (nint i = 0; i < whole;)
        {
            RunSums<TLane, TSums> row0 = default, row1 = default, row2 = default, row3 = default, parameter = default;
            nint end = i + Run < whole ? i + Run : whole;
            do // not a for, see Traversal
            {
                Gather(ref prologue, p, g, length, i, 0, columns, ref row0, ref row1, ref row2, ref row3, ref parameter);
                if (typeof(TSums) != typeof(Sums512<float>))
                {
                    Gather(ref prologue, p, g, length, i + TLane.Width, 1, columns, ref row0, ref row1, ref row2, ref row3, ref parameter);
                }

                if (typeof(TSums) != typeof(Sums512<float>) && typeof(TSums) != typeof(Sums512<double>) && typeof(TSums) != typeof(Sums256<float>))
                {
                    Gather(ref prologue, p, g, length, i + (2 * TLane.Width), 2, columns, ref row0, ref row1, ref row2, ref row3, ref parameter);
                    Gather(ref prologue, p, g, length, i + (3 * TLane.Width), 3, columns, ref row0, ref row1, ref row2, ref row3, ref parameter);
                }

                i += SixteenSums.Count;
            }
            while (i < end);

            row0.AddTo(ofRows);
            if (typeof(TRows) == typeof(FourRows))
            {
                row1.AddTo(ofRows + SixteenSums.Count);
                row2.AddTo(ofRows + (2 * SixteenSums.Count));
                row3.AddTo(ofRows + (3 * SixteenSums.Count));
            }

            parameter.AddTo(ofParameter);
        }

        return whole;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        static void Gather(
            ref TPrologue prologue, T* p, T* g, nint length, nint at, int part, double* columns, ref RunSums<TLane, TSums> row0, ref RunSums<TLane, TSums> row1,
            ref RunSums<TLane, TSums> row2, ref RunSums<TLane, TSums> row3, ref RunSums<TLane, TSums> parameter)
        {
            TLane first = Row(ref prologue, p + at, g + at, part, ref row0, ref parameter);
            TLane column = first * first;
            if (typeof(TRows) == typeof(FourRows))
            {
                TLane second = Row(ref prologue, p + at + length, g + at + length, part, ref row1, ref parameter);
                TLane third = Row(ref prologue, p + at + (2 * length), g + at + (2 * length), part, ref row2, ref parameter);
                TLane fourth = Row(ref prologue, p + at + (3 * length), g + at + (3 * length), part, ref row3, ref parameter);
                column = TLane.FusedMultiplyAdd(fourth, fourth, TLane.FusedMultiplyAdd(third, third, TLane.FusedMultiplyAdd(second, second, column)));
            }

            TSums.AddEach(column, columns + at);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        static TLane Row(ref TPrologue prologue, T* p, T* g, int part, ref RunSums<TLane, TSums> row, ref RunSums<TLane, TSums> parameter)
        {
            TLane value = TLane.Load(p), gradient = TLane.Load(g);
            parameter.AddSquare(value, part);
            prologue.Apply(ref value, ref gradient);
            row.AddSquare(gradient, part);
            return gradient;
        }
    }

    /// <summary>
    /// What lanes leave over, with the order of their sums: whole sixteens in runs where there are no lanes, and the rest as a run of its own.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void GatherRest(TPrologue prologue, T* p, T* g, int rows, double* columns, double* ofRows, double* ofParameter, nint i, nint length)
    {
        T* run = stackalloc T[(RowsTogether + 1) * SixteenSums.Count];
        T* parameter = run + (RowsTogether * SixteenSums.Count);
        nint whole = length & -SixteenSums.Count;
        while (i < length)
        {
            new Span<T>(run, (RowsTogether + 1) * SixteenSums.Count).Clear();
            nint end = i < whole ? Math.Min(i + Run, whole) : length;
            for (; i < end; i++)
            {
                nint sum = i & (SixteenSums.Count - 1);
                T column = T.Zero;
                for (int row = 0; row < rows; row++)
                {
                    ScalarLane<T> value = new(p[(row * length) + i]), gradient = new(g[(row * length) + i]);
                    parameter[sum] = T.FusedMultiplyAdd(value.Value, value.Value, parameter[sum]);
                    prologue.Apply(ref value, ref gradient);
                    T* ofRow = run + (row * SixteenSums.Count) + sum;
                    *ofRow = T.FusedMultiplyAdd(gradient.Value, gradient.Value, *ofRow);
                    column = T.FusedMultiplyAdd(gradient.Value, gradient.Value, column);
                }

                columns[i] += double.CreateTruncating(column);
            }

            SixteenSums.AddTo(run, rows * SixteenSums.Count, ofRows);
            SixteenSums.AddTo(parameter, SixteenSums.Count, ofParameter);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static nint MeasureRow<TLane, TSums>(TRule rule, TPrologue prologue, T* p, T* g, T rowFactor, T* columnFactors, double* sums, nint length)
        where TLane : struct, IMemoryLane<TLane, T>
        where TSums : struct, ISums<TSums, TLane>
    {
        TLane row = TLane.Broadcast(double.CreateTruncating(rowFactor));
        nint whole = length & -SixteenSums.Count;
        for (nint i = 0; i < whole;)
        {
            RunSums<TLane, TSums> run = default;
            nint end = i + Run < whole ? i + Run : whole;
            do // not a for, see Traversal
            {
                run.AddSquare(Direction(ref rule, ref prologue, p, g, row, columnFactors, i), 0);
                if (typeof(TSums) != typeof(Sums512<float>))
                {
                    run.AddSquare(Direction(ref rule, ref prologue, p, g, row, columnFactors, i + TLane.Width), 1);
                }

                if (typeof(TSums) != typeof(Sums512<float>) && typeof(TSums) != typeof(Sums512<double>) && typeof(TSums) != typeof(Sums256<float>))
                {
                    run.AddSquare(Direction(ref rule, ref prologue, p, g, row, columnFactors, i + (2 * TLane.Width)), 2);
                    run.AddSquare(Direction(ref rule, ref prologue, p, g, row, columnFactors, i + (3 * TLane.Width)), 3);
                }

                i += SixteenSums.Count;
            }
            while (i < end);

            run.AddTo(sums);
        }

        return whole;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void MeasureRest(TRule rule, TPrologue prologue, T* p, T* g, T rowFactor, T* columnFactors, double* sums, nint i, nint length)
    {
        T* run = stackalloc T[SixteenSums.Count];
        nint whole = length & -SixteenSums.Count;
        while (i < length)
        {
            new Span<T>(run, SixteenSums.Count).Clear();
            nint end = i < whole ? Math.Min(i + Run, whole) : length;
            for (; i < end; i++)
            {
                T u = Direction(ref rule, ref prologue, p, g, new ScalarLane<T>(rowFactor), columnFactors, i).Value;
                T* sum = run + (i & (SixteenSums.Count - 1));
                *sum = T.FusedMultiplyAdd(u, u, *sum);
            }

            SixteenSums.AddTo(run, SixteenSums.Count, sums);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLane Direction<TLane>(ref TRule rule, ref TPrologue prologue, T* p, T* g, TLane rowFactor, T* columnFactors, nint i)
        where TLane : struct, IMemoryLane<TLane, T>
    {
        // A prologue that leaves the parameter out of the gradient leaves it in memory too.
        TLane parameter = typeof(TPrologue) == typeof(Scaled) ? default : TLane.Load(p + i);
        TLane gradient = TLane.Load(g + i);
        prologue.Apply(ref parameter, ref gradient);
        return rule.Direction(gradient, rowFactor, TLane.Load(columnFactors + i));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static nint UpdateRow<TLane>(
        TRule rule, TPrologue prologue, TensorFactors factors, T* p, T* g, T* m, T rowFactor, T* columnFactors, nint i, nint length)
        where TLane : struct, IMemoryLane<TLane, T>
    {
        nint last = length - TLane.Width;
        if (i > last)
        {
            return i;
        }

        TLane row = TLane.Broadcast(double.CreateTruncating(rowFactor));
        TLane step = TLane.Broadcast(factors.Step);
        TLane keep = TLane.Broadcast(factors.Keep);
        do // not a for, see Traversal
        {
            TLane parameter = TLane.Load(p + i);
            TLane gradient = TLane.Load(g + i);
            TLane momentum = TRule.HasMomentum ? TLane.Load(m + i) : default;
            prologue.Apply(ref parameter, ref gradient);
            rule.Update(ref parameter, ref momentum, rule.Direction(gradient, row, TLane.Load(columnFactors + i)), step, keep);
            TLane.Store(parameter, p + i);
            if (TRule.HasMomentum)
            {
                TLane.Store(momentum, m + i);
            }

            i += TLane.Width;
        }
        while (i <= last);

        return i;
    }

    private readonly struct OneRow;

    private readonly struct FourRows;
}
