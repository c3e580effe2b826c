using System.IO.MemoryMappedFiles;
using Microsoft.Win32.SafeHandles;

namespace Descent.Torch;

/// <summary>The part of a scratch file that one tensor has, and where it is mapped.</summary>
internal sealed unsafe class MappedRegion
{
    // Between two pieces the reader looks whether anybody still wants them.
    private const long PieceBytes = 8 << 20;

    private readonly Lock _gate = new();
    private readonly long _offset;
    private readonly MemoryMappedFile? _map;
    private readonly MemoryMappedViewAccessor? _view;
    private bool _unmapped;

    public MappedRegion(MappedArena owner, SafeFileHandle file, long offset, long length)
    {
        (Owner, _offset, Length) = (owner, offset, length);
        if (OperatingSystem.IsLinux())
        {
            Address = MappedCalls.Map(file, offset, length);
            return;
        }

        _map = MemoryMappedFile.CreateFromFile(file, null, 0, MemoryMappedFileAccess.ReadWrite, HandleInheritability.None, leaveOpen: true);
        _view = _map.CreateViewAccessor(offset, length);
        byte* start = null;
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        Address = (nint)(start + _view.PointerOffset);
    }

    public MappedArena Owner { get; }

    public nint Address { get; }

    public long Length { get; }

    /// <summary>Whether its elements were asked for and not given back since.</summary>
    public volatile bool Wanted;

    /// <summary>Reads everything, in pieces, until nobody wants it any more.</summary>
    public void Read()
    {
        for (long start = 0; start < Length && Wanted; start += PieceBytes)
        {
            lock (_gate)
            {
                if (_unmapped)
                {
                    return;
                }

                MappedCalls.Populate(Address + (nint)start, Math.Min(PieceBytes, Length - start));
            }
        }
    }

    /// <summary>The process lets go of its pages; they stay in the kernel's cache as long as it has room.</summary>
    public void Drop()
    {
        lock (_gate)
        {
            if (!_unmapped && OperatingSystem.IsLinux())
            {
                MappedCalls.DontNeed(Address, Length);
            }
        }
    }

    /// <summary>Writes changed pages to the disk and waits for it: a thread behind the one that computes.</summary>
    public void WriteBack() => Owner.TryUse(file => MappedCalls.WriteBack(file, _offset, Length));

    public void Unmap()
    {
        lock (_gate)
        {
            _unmapped = true;
            if (_view is null)
            {
                MappedCalls.Unmap(Address, Length);
                Owner.TryUse(file => MappedCalls.PunchHole(file, _offset, Length));
                return;
            }

            _view.SafeMemoryMappedViewHandle.ReleasePointer();
            _view.Dispose();
            _map!.Dispose();
        }
    }
}
