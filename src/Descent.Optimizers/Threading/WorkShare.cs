using System.Runtime.InteropServices;

namespace Descent.Optimizers;

/// <summary>
/// A range of items that its owner takes from one end and others take from the other: both ends in one 64-bit word, so that a
/// single compare-and-swap hands every item out once. Padded to its own pair of cache lines.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = 256)]
internal sealed class WorkShare
{
    [FieldOffset(128)]
    private long _range;

    public void Reset(int begin, int end) => Volatile.Write(ref _range, Pack(begin, end));

    /// <summary>Takes an item from an end; false where none is left.</summary>
    public bool TryTake(bool last, out int item)
    {
        while (true)
        {
            long range = Volatile.Read(ref _range);
            (int begin, int end) = Unpack(range);
            item = last ? end - 1 : begin;
            if (begin >= end)
            {
                return false;
            }

            long left = last ? Pack(begin, end - 1) : Pack(begin + 1, end);
            if (Interlocked.CompareExchange(ref _range, left, range) == range)
            {
                return true;
            }
        }
    }

    private static long Pack(int begin, int end) => ((long)begin << 32) | (uint)end;

    private static (int Begin, int End) Unpack(long range) => ((int)(range >> 32), (int)range);
}
