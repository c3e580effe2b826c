namespace Descent.Optimizers;

/// <summary>
/// Cuts the elements of all tensors, laid end to end, into pieces of about equal cost: a large tensor becomes many pieces,
/// many small tensors become one. Kept until the lengths change.
/// </summary>
/// <param name="wholeUnits">Never cuts through a unit of a tensor (<see cref="TensorSlot.Units"/>).</param>
/// <param name="granule">Cuts inside a tensor fall on multiples of this, so that only a tensor's own end is a part of a vector, or of a codec's block.</param>
internal sealed class WorkPlan(bool wholeUnits = false, int granule = 64)
{
    /// <summary>
    /// Elements a piece. 16 Ki floats are 64 KiB a stream: long enough that handing a piece out costs nothing (tens of nanoseconds
    /// against ten microseconds and more) and that the prefetchers run straight, short enough to level threads out at the end of a step.
    /// </summary>
    internal const int PieceElements = 16 * 1024;

    /// <summary>What starting on a tensor costs, in elements (some 30 ns on a 2023 server core), so that thousands of tiny ones share out well.</summary>
    private const int TensorCost = 64;

    private long[] _lengths = [];
    private long[] _granules = [];
    private int _tensors = -1;
    private Cut[] _cuts = [];

    /// <summary>Pieces of work.</summary>
    public int Pieces { get; private set; }

    /// <summary>The parts of tensors that make up a piece.</summary>
    public Segments Piece(int piece) => new(_lengths, _cuts[piece], _cuts[piece + 1]);

    /// <summary>Makes the plan for these tensors, or keeps it when it already is.</summary>
    public void Prepare(ReadOnlySpan<TensorSlot> slots)
    {
        if (Matches(slots))
        {
            return;
        }

        _tensors = -1;
        if (_lengths.Length < slots.Length)
        {
            (_lengths, _granules) = (new long[slots.Length], new long[slots.Length]);
        }

        List<Cut> cuts = [new Cut(0, 0)];
        long cost = 0;
        for (int tensor = 0; tensor < slots.Length; tensor++)
        {
            long length = slots[tensor].Length;
            long step = GranuleOf(slots[tensor]);
            (_lengths[tensor], _granules[tensor]) = (length, step);
            cost += TensorCost;
            for (long offset = 0; offset < length;)
            {
                if (cost >= PieceElements)
                {
                    cuts.Add(new Cut(tensor, offset));
                    cost = 0;
                }

                long room = Math.Max(step, (PieceElements - cost) / step * step);
                long taken = Math.Min(room, length - offset);
                offset += taken;
                cost += taken;
            }
        }

        Pieces = slots.Length == 0 ? 0 : cuts.Count;
        cuts.Add(new Cut(slots.Length, 0));
        _cuts = [.. cuts];
        _tensors = slots.Length;
    }

    private long GranuleOf(in TensorSlot slot) => wholeUnits ? Math.Max(1, slot.Length / Math.Max(1, slot.Units)) : granule;

    private bool Matches(ReadOnlySpan<TensorSlot> slots)
    {
        if (slots.Length != _tensors)
        {
            return false;
        }

        for (int tensor = 0; tensor < slots.Length; tensor++)
        {
            if (slots[tensor].Length != _lengths[tensor] || GranuleOf(slots[tensor]) != _granules[tensor])
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>A place in the list of tensors.</summary>
    internal readonly record struct Cut(int Tensor, long Offset);

    /// <summary>Elements <paramref name="Offset"/> … <paramref name="Offset"/> + <paramref name="Count"/> − 1 of a tensor.</summary>
    internal readonly record struct Segment(int Tensor, long Offset, long Count);

    /// <summary>Walks from one cut to the next without allocating.</summary>
    internal ref struct Segments
    {
        private readonly long[] _lengths;
        private readonly Cut _end;
        private Cut _next;

        internal Segments(long[] lengths, Cut start, Cut end)
        {
            _lengths = lengths;
            _next = start;
            _end = end;
        }

        public Segment Current { get; private set; }

        public readonly Segments GetEnumerator() => this;

        public bool MoveNext()
        {
            (int tensor, long offset) = _next;
            if (tensor == _end.Tensor)
            {
                _next = _end;
                Current = new Segment(tensor, offset, _end.Offset - offset);
                return Current.Count > 0;
            }

            _next = new Cut(tensor + 1, 0);
            Current = new Segment(tensor, offset, _lengths[tensor] - offset);
            return true;
        }
    }
}
