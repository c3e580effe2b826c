namespace Descent.Torch;

/// <summary>
/// Blocks of memory for large tensors. Freed ones wait for the next request of their size, up to as much as lived at once before: the process never has more than its tensors needed at their highest
/// point, and a step that does what the one before did finds every block that it wants.
/// </summary>
/// <remarks>
/// Sizes are rounded up to a sixteenth of a power of two; pages beyond what is asked for aren't touched and take no memory. The block that was freed last is given out first, its lines may still be
/// in a cache; the one that waits longest is given back first.
/// </remarks>
internal sealed class BlockCache(Func<nuint, nint> map, Action<nint, nuint> unmap)
{
    // So much more than ever lived at once may be held: blocks of sizes that no request of the moment fits.
    public const double Slack = 1.0 / 16;

    private readonly Lock _gate = new();
    private readonly Dictionary<nint, nuint> _live = [];
    private readonly Dictionary<nuint, LinkedList<LinkedListNode<Block>>> _free = [];
    private readonly LinkedList<Block> _waiting = [];
    private bool _keeps;

    /// <summary>Bytes of tensors that live.</summary>
    public long Live { get; private set; }

    /// <summary>The most that ever lived at once.</summary>
    public long Peak { get; private set; }

    /// <summary>Bytes of freed blocks that wait.</summary>
    public long Waiting { get; private set; }

    /// <summary>Whether freed blocks wait, or go back at once.</summary>
    public bool Keeps
    {
        get => _keeps;
        set
        {
            lock (_gate)
            {
                _keeps = value;
                Trim(value ? Allowed() : 0);
            }
        }
    }

    /// <summary>The size of the block that serves a request.</summary>
    public static nuint SizeOf(nuint bytes)
    {
        int shift = Math.Max(16, 63 - System.Numerics.BitOperations.LeadingZeroCount(bytes) - 4);
        nuint unit = (nuint)1 << shift;
        return (bytes + unit - 1) & ~(unit - 1);
    }

    /// <summary>A block of at least so many bytes; 0: there is no memory.</summary>
    public nint Take(nuint bytes)
    {
        nuint size = SizeOf(bytes);
        lock (_gate)
        {
            nint address = Reuse(size);
            if (address == 0)
            {
                Trim(Math.Max(Allowed(), (long)((Live + (long)size) * (1 + Slack))) - (long)size);
                address = map(size);
                if (address == 0)
                {
                    Trim(0);
                    address = map(size);
                    if (address == 0)
                    {
                        return 0;
                    }
                }
            }

            _live[address] = size;
            Live += (long)size;
            Peak = Math.Max(Peak, Live);
            return address;
        }
    }

    /// <summary>Takes a block back; false where it is none of these.</summary>
    public bool Return(nint address)
    {
        lock (_gate)
        {
            if (!_live.Remove(address, out nuint size))
            {
                return false;
            }

            Live -= (long)size;
            if (!_keeps)
            {
                unmap(address, size);
                return true;
            }

            if (!_free.TryGetValue(size, out LinkedList<LinkedListNode<Block>>? same))
            {
                _free[size] = same = new LinkedList<LinkedListNode<Block>>();
            }

            same.AddLast(_waiting.AddLast(new Block(address, size)));
            Waiting += (long)size;
            Trim(Allowed());
            return true;
        }
    }

    private long Allowed() => (long)(Peak * (1 + Slack));

    private nint Reuse(nuint size)
    {
        if (!_free.TryGetValue(size, out LinkedList<LinkedListNode<Block>>? same) || same.Last is not { } last)
        {
            return 0;
        }

        same.RemoveLast();
        _waiting.Remove(last.Value);
        Waiting -= (long)size;
        return last.Value.Value.Address;
    }

    private void Trim(long allowed)
    {
        while (Live + Waiting > allowed && _waiting.First is { } oldest)
        {
            // The one that waits longest of all is that of its size, too.
            _waiting.RemoveFirst();
            _free[oldest.Value.Size].RemoveFirst();
            Waiting -= (long)oldest.Value.Size;
            unmap(oldest.Value.Address, oldest.Value.Size);
        }
    }

    private readonly record struct Block(nint Address, nuint Size);
}
