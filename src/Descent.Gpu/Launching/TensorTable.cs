using System.Runtime.InteropServices;
using Descent.Optimizers;

namespace Descent.Gpu;

/// <summary>
/// The tensors of a step and the pieces they are cut into, in a device's memory: two launches serve any number of tensors, one for those that decay and
/// penalties touch and one for the exempt ones. From step to step only what changed is uploaded.
/// </summary>
internal sealed class TensorTable(ILauncher launcher, int device)
{
    private TensorEntry[] _entries = [];
    private bool[] _exempt = [];
    private int _count = -1;
    private Piece[] _pieces = [];
    private SafeHandle? _memory;
    private nuint _bytes;

    /// <summary>Address of the tensors.</summary>
    public nint Tensors => _memory!.DangerousGetHandle();

    /// <summary>Blocks of a launch.</summary>
    public int Blocks(bool exempt) => exempt ? _pieces.Length - PlainBlocks : PlainBlocks;

    /// <summary>Address of a launch's pieces.</summary>
    public nint Pieces(bool exempt) => Tensors + (_count * TensorEntry.Bytes) + (exempt ? PlainBlocks * Piece.Bytes : 0);

    private int PlainBlocks { get; set; }

    /// <summary>Makes the table say where these tensors lie now. Allocates nothing once it has seen as many before.</summary>
    public void Fill(ReadOnlySpan<TensorSlot> slots)
    {
        bool moved = slots.Length != _count, cut = moved;
        if (slots.Length > _entries.Length)
        {
            (_entries, _exempt) = (new TensorEntry[slots.Length], new bool[slots.Length]);
        }

        _count = slots.Length;
        for (int i = 0; i < slots.Length; i++)
        {
            TensorEntry entry = Entry(slots[i]);
            moved |= entry != _entries[i];
            cut |= entry.Length != _entries[i].Length || slots[i].Exempt != _exempt[i];
            (_entries[i], _exempt[i]) = (entry, slots[i].Exempt);
        }

        if (cut)
        {
            Cut();
        }

        if (cut || moved)
        {
            Upload(withPieces: cut);
        }
    }

    private static unsafe TensorEntry Entry(in TensorSlot slot)
    {
        var entry = new TensorEntry
        {
            Parameter = (long)slot.Parameter,
            Gradient = (long)slot.Gradient,
            State0 = (long)slot.State0,
            State1 = (long)slot.State1,
            State2 = (long)slot.State2,
            State3 = (long)slot.State3,
            Length = slot.Length,
            Scale = slot.GradientScale,
        };
        long all = entry.Parameter | entry.Gradient | entry.State0 | entry.State1 | entry.State2 | entry.State3;
        entry.Aligned = all % 16 == 0 ? 1 : 0;
        return entry;
    }

    private void Cut()
    {
        List<Piece> pieces = [];
        AddPieces(pieces, exempt: false);
        PlainBlocks = pieces.Count;
        AddPieces(pieces, exempt: true);
        _pieces = [.. pieces];
    }

    private void AddPieces(List<Piece> pieces, bool exempt)
    {
        for (int tensor = 0; tensor < _count; tensor++)
        {
            long wanted = _exempt[tensor] == exempt ? (_entries[tensor].Length + Piece.Elements - 1) / Piece.Elements : 0;
            for (int number = 0; number < wanted; number++)
            {
                pieces.Add(new Piece(tensor, number));
            }
        }
    }

    private void Upload(bool withPieces)
    {
        nuint bytes = (nuint)((_count * TensorEntry.Bytes) + (_pieces.Length * Piece.Bytes));
        if (bytes > _bytes)
        {
            _memory?.Dispose();
            _memory = launcher.Allocate(device, bytes);
            (_bytes, withPieces) = (bytes, true);
        }

        if (_count == 0)
        {
            return;
        }

        launcher.Upload(device, Tensors, MemoryMarshal.AsBytes(_entries.AsSpan(0, _count)));
        if (withPieces && _pieces.Length > 0)
        {
            launcher.Upload(device, Pieces(exempt: false), MemoryMarshal.AsBytes(_pieces.AsSpan()));
        }
    }
}
