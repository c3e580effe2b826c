using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Descent.Optimizers;

/// <summary>The three loops of a factored rule over some rows of a matrix; sums in double and in a fixed order, whatever the lanes.</summary>
internal static unsafe class FactoredTraversal<TRule, TPrologue, T>
    where TRule : struct, IFactoredRule
    where TPrologue : struct, IPrologue
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private const int Chunk = 512;

    /// <summary>Σg² of every row and, added up over the rows of a matrix, of every column; returns Σp².</summary>
    [SkipLocalsInit]
    public static double Gather(
        in TPrologue prologue, T* p, T* g, long rows, in TensorSlot slot, double* rowSums, double* columnSums, LaneWidth width)
    {
        T* buffer = stackalloc T[Chunk];
        double squares = 0;
        double* columns = columnSums;
        for (long row = 0; row < rows; row++)
        {
            if (row % slot.Rows == 0)
            {
                columns = columnSums + (row / slot.Rows * slot.Columns);
                new Span<double>(columns, checked((int)slot.Columns)).Clear();
            }

            double sum = 0;
            for (long column = 0; column < slot.Columns; column += Chunk)
            {
                nint length = (nint)Math.Min(Chunk, slot.Columns - column);
                long at = (row * slot.Columns) + column;
                Prepare(prologue, p + at, g + at, buffer, length, width);
                sum += SquareSum.Of(buffer, length);
                TermSum.AddSquares(buffer, length, columns + column);
                squares += SquareSum.Of(p + at, length);
            }

            rowSums[row] = sum;
        }

        return squares;
    }

    /// <summary>Σu² of the direction.</summary>
    [SkipLocalsInit]
    public static double Measure(
        in TRule rule, in TPrologue prologue, T* p, T* g, long rows, in TensorSlot slot, T* rowFactors, T* columnFactors, LaneWidth width)
    {
        T* buffer = stackalloc T[Chunk];
        double squares = 0;
        for (long row = 0; row < rows; row++)
        {
            T* columns = columnFactors + (row / slot.Rows * slot.Columns);
            for (long column = 0; column < slot.Columns; column += Chunk)
            {
                nint length = (nint)Math.Min(Chunk, slot.Columns - column);
                long at = (row * slot.Columns) + column;
                Directions(rule, prologue, p + at, g + at, rowFactors[row], columns + column, buffer, length, width);
                squares += SquareSum.Of(buffer, length);
            }
        }

        return squares;
    }

    /// <summary>Moves the parameters.</summary>
    public static void Update(
        in TRule rule, in TPrologue prologue, TensorFactors factors, T* p, T* g, long rows, in TensorSlot slot, T* rowFactors, T* columnFactors, LaneWidth width)
    {
        nint length = (nint)slot.Columns;
        for (long row = 0; row < rows; row++)
        {
            T* columns = columnFactors + (row / slot.Rows * slot.Columns);
            T* pRow = p + (row * slot.Columns);
            T* gRow = g + (row * slot.Columns);
            T factor = rowFactors[row];
            nint i = 0;
            if (Lanes.Allow(width, LaneWidth.Bits512, Vector512.IsHardwareAccelerated))
            {
                i = UpdateLoop<Lane512<T>>(rule, prologue, factors, pRow, gRow, factor, columns, i, length);
            }

            if (Lanes.Allow(width, LaneWidth.Bits256, Vector256.IsHardwareAccelerated))
            {
                i = UpdateLoop<Lane256<T>>(rule, prologue, factors, pRow, gRow, factor, columns, i, length);
            }

            if (Lanes.Allow(width, LaneWidth.Bits128, Vector128.IsHardwareAccelerated))
            {
                i = UpdateLoop<Lane128<T>>(rule, prologue, factors, pRow, gRow, factor, columns, i, length);
            }

            UpdateLoop<ScalarLane<T>>(rule, prologue, factors, pRow, gRow, factor, columns, i, length);
        }
    }

    private static void Prepare(in TPrologue prologue, T* p, T* g, T* buffer, nint length, LaneWidth width)
    {
        nint i = 0;
        if (Lanes.Allow(width, LaneWidth.Bits512, Vector512.IsHardwareAccelerated))
        {
            i = PrepareLoop<Lane512<T>>(prologue, p, g, buffer, i, length);
        }

        if (Lanes.Allow(width, LaneWidth.Bits256, Vector256.IsHardwareAccelerated))
        {
            i = PrepareLoop<Lane256<T>>(prologue, p, g, buffer, i, length);
        }

        if (Lanes.Allow(width, LaneWidth.Bits128, Vector128.IsHardwareAccelerated))
        {
            i = PrepareLoop<Lane128<T>>(prologue, p, g, buffer, i, length);
        }

        PrepareLoop<ScalarLane<T>>(prologue, p, g, buffer, i, length);
    }

    private static void Directions(
        in TRule rule, in TPrologue prologue, T* p, T* g, T rowFactor, T* columnFactors, T* buffer, nint length, LaneWidth width)
    {
        nint i = 0;
        if (Lanes.Allow(width, LaneWidth.Bits512, Vector512.IsHardwareAccelerated))
        {
            i = DirectionLoop<Lane512<T>>(rule, prologue, p, g, rowFactor, columnFactors, buffer, i, length);
        }

        if (Lanes.Allow(width, LaneWidth.Bits256, Vector256.IsHardwareAccelerated))
        {
            i = DirectionLoop<Lane256<T>>(rule, prologue, p, g, rowFactor, columnFactors, buffer, i, length);
        }

        if (Lanes.Allow(width, LaneWidth.Bits128, Vector128.IsHardwareAccelerated))
        {
            i = DirectionLoop<Lane128<T>>(rule, prologue, p, g, rowFactor, columnFactors, buffer, i, length);
        }

        DirectionLoop<ScalarLane<T>>(rule, prologue, p, g, rowFactor, columnFactors, buffer, i, length);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static nint PrepareLoop<TLane>(TPrologue prologue, T* p, T* g, T* buffer, nint i, nint length)
        where TLane : struct, IMemoryLane<TLane, T>
    {
        for (nint last = length - TLane.Width; i <= last; i += TLane.Width)
        {
            TLane parameter = TLane.Load(p + i);
            TLane gradient = TLane.Load(g + i);
            prologue.Apply(ref parameter, ref gradient);
            TLane.Store(gradient, buffer + i);
        }

        return i;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static nint DirectionLoop<TLane>(
        TRule rule, TPrologue prologue, T* p, T* g, T rowFactor, T* columnFactors, T* buffer, nint i, nint length)
        where TLane : struct, IMemoryLane<TLane, T>
    {
        TLane row = TLane.Broadcast(double.CreateTruncating(rowFactor));
        for (nint last = length - TLane.Width; i <= last; i += TLane.Width)
        {
            // A prologue that leaves the parameter out of the gradient leaves it in memory too.
            TLane parameter = typeof(TPrologue) == typeof(Scaled) ? default : TLane.Load(p + i);
            TLane gradient = TLane.Load(g + i);
            prologue.Apply(ref parameter, ref gradient);
            TLane.Store(rule.Direction(gradient, row, TLane.Load(columnFactors + i)), buffer + i);
        }

        return i;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static nint UpdateLoop<TLane>(
        TRule rule, TPrologue prologue, TensorFactors factors, T* p, T* g, T rowFactor, T* columnFactors, nint i, nint length)
        where TLane : struct, IMemoryLane<TLane, T>
    {
        TLane row = TLane.Broadcast(double.CreateTruncating(rowFactor));
        TLane step = TLane.Broadcast(factors.Step);
        TLane keep = TLane.Broadcast(factors.Keep);
        for (nint last = length - TLane.Width; i <= last; i += TLane.Width)
        {
            TLane parameter = TLane.Load(p + i);
            TLane gradient = TLane.Load(g + i);
            prologue.Apply(ref parameter, ref gradient);
            rule.Update(ref parameter, rule.Direction(gradient, row, TLane.Load(columnFactors + i)), step, keep);
            TLane.Store(parameter, p + i);
        }

        return i;
    }
}
