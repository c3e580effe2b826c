using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using static TorchSharp.torch;

namespace Descent.Torch;

/// <summary>Tensors that lie in a scratch file instead of memory: the kernel reads what is touched and writes back what was changed.</summary>
/// <remarks>
/// <para>The file grows before a tensor is given out, so that a full disk is an exception there and no fault at some later write. It has no name from the moment it is
/// open, and its space is free again when the process ends, however it ends.</para>
/// <para>A tensor owns its part of the file: disposing it gives the space back. Disposing the arena leaves living tensors valid.</para>
/// <para>Advice (<see cref="Prefetch"/>, <see cref="Release"/>) is for Linux; elsewhere the system decides alone.</para>
/// </remarks>
/// <example><code>
/// using var arena = MappedArena.Create("/scratch");
/// using FusedOptimizer optimizer = FusedOptimizer.Create(model.named_parameters(), new AdamWOptions()).WithStorage(arena);
/// </code></example>
public sealed unsafe class MappedArena : IDisposable
{
    /// <summary>A tensor smaller than a page would take one: it stays in memory.</summary>
    private const long LeastBytes = 4096;

    // Offsets of mappings must be multiples of the page, 64 KiB on the machines with the largest.
    private const long Granule = 64 << 10;

    private static readonly ConcurrentDictionary<nint, MappedRegion> Regions = new();

    private readonly SafeFileHandle _file;
    private readonly string _folder;
    private readonly Func<SafeFileHandle, long, long, int> _grow;
    private readonly MappedWorker? _reader;
    private readonly MappedWorker? _writer;
    private readonly Lock _gate = new();
    private long _length;
    private bool _disposed;

    internal MappedArena(string folder, Func<SafeFileHandle, long, long, int> grow)
    {
        DescentNative.EnsureLoaded();
        _folder = Path.GetFullPath(folder);
        _grow = grow;
        try
        {
            Directory.CreateDirectory(_folder);
            string path = Path.Combine(_folder, $".descent-{Environment.ProcessId}-{Guid.NewGuid():N}.tensors");
            bool unlinked = OperatingSystem.IsLinux();
            _file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, unlinked ? FileOptions.None : FileOptions.DeleteOnClose);
            if (unlinked)
            {
                File.Delete(path);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new IOException($"{_folder}: no file can be made there for tensors ({exception.Message}); give a folder that can be written to", exception);
        }

        if (OperatingSystem.IsLinux())
        {
            (_reader, _writer) = (new MappedWorker("descent read ahead"), new MappedWorker("descent write behind"));
        }
    }

    /// <summary>Bytes that its tensors take in the file.</summary>
    public long Bytes { get; private set; }

    /// <summary>Opens a scratch file.</summary>
    /// <param name="folder">Where; it is made when it isn't there. On a disk: a file in a tmpfs is memory.</param>
    /// <exception cref="IOException">The folder cannot be made or written to.</exception>
    public static MappedArena Create(string folder)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        return new MappedArena(folder, MappedCalls.Grow);
    }

    /// <summary>A tensor of zeros on the CPU, which no dispose scope owns; one of less than a page is in memory.</summary>
    /// <param name="shape">Its shape.</param>
    /// <param name="type">Its element type.</param>
    /// <exception cref="IOException">The disk is full.</exception>
    public Tensor Allocate(ReadOnlySpan<long> shape, ScalarType type)
    {
        long bytes = SafeTensorsType.BytesOf(type);
        foreach (long extent in shape)
        {
            bytes = checked(bytes * extent);
        }

        if (bytes < LeastBytes)
        {
            return zeros(shape.ToArray(), type).DetachFromDisposeScope();
        }

        MappedRegion region = Map(bytes);
        Regions[region.Address] = region;
        nint handle;
        fixed (long* sizes = shape)
        {
            var create = (delegate* unmanaged[Cdecl]<void*, delegate* unmanaged[Cdecl]<nint, void>, long*, int, sbyte, sbyte, int, int, byte, nint>)TensorExports.Export("THSTensor_new");
            handle = create((void*)region.Address, &Free, sizes, shape.Length, (sbyte)type, (sbyte)type, (int)TorchSharp.DeviceType.CPU, -1, 0);
        }

        if (handle == 0)
        {
            Drop(region.Address);
            throw new InvalidOperationException($"libtorch made no tensor of {type} [{string.Join(", ", shape.ToArray())}] over mapped memory.");
        }

        return Tensor.UnsafeCreateTensor(handle).DetachFromDisposeScope();
    }

    /// <summary>Asks for a tensor's elements before they are needed; a thread of the arena reads them. For a tensor in memory it does nothing.</summary>
    /// <param name="tensor">A tensor that begins where one of <see cref="Allocate"/> does.</param>
    public static void Prefetch(Tensor tensor)
    {
        if (Find(tensor) is { } region)
        {
            region.Wanted = true;
            region.Owner._reader?.Post(region.Read);
        }
    }

    /// <summary>
    /// Gives the memory of a tensor's elements back; the next access reads them again. What was changed is on its way to the disk at once, so that no mass of unwritten
    /// pages gathers. For a tensor in memory it does nothing.
    /// </summary>
    /// <param name="tensor">A tensor that begins where one of <see cref="Allocate"/> does.</param>
    /// <param name="modified">Whether it was written to. False only spares the way to the disk: nothing is lost.</param>
    public static void Release(Tensor tensor, bool modified = true)
    {
        if (Find(tensor) is not { } region)
        {
            return;
        }

        region.Wanted = false;
        region.Drop();
        if (modified)
        {
            region.Owner._writer?.Post(region.WriteBack);
        }
    }

    /// <summary>Whether a tensor's elements lie in an arena's file.</summary>
    /// <param name="tensor">The tensor.</param>
    public static bool Holds(Tensor tensor) => Find(tensor) is not null;

    /// <summary>Looks whether the file still has its length: an access to what somebody cut off would end the process.</summary>
    /// <exception cref="IOException">It is shorter.</exception>
    public void RequireWhole()
    {
        lock (_gate)
        {
            long found = _disposed ? _length : RandomAccess.GetLength(_file);
            if (found < _length)
            {
                throw new IOException(
                    $"{_folder}: the scratch file of tensors has {found} bytes instead of {_length}: somebody shortened it, and what it held is lost. Leave the folder to this process.");
            }
        }
    }

    /// <summary>Closes the file. Tensors that live on stay valid.</summary>
    public void Dispose()
    {
        _reader?.Dispose();
        _writer?.Dispose();
        lock (_gate)
        {
            _disposed = true;
            _file.Dispose();
        }
    }

    internal bool TryUse(Action<SafeFileHandle> use)
    {
        bool taken = false;
        try
        {
            _file.DangerousAddRef(ref taken);
            use(_file);
            return true;
        }
        catch (ObjectDisposedException)
        {
            return false;
        }
        finally
        {
            if (taken)
            {
                _file.DangerousRelease();
            }
        }
    }

    private static MappedRegion? Find(Tensor tensor)
    {
        if (Regions.IsEmpty)
        {
            return null;
        }

        MappedRegion? region = Regions.GetValueOrDefault(tensor.device_type == TorchSharp.DeviceType.CPU && !tensor.is_sparse ? (nint)TensorExports.Data(tensor.Handle) : 0);
        GC.KeepAlive(tensor);
        return region;
    }

    // libtorch calls it when the last tensor over a region is gone; an exception must not reach it.
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Free(nint address)
    {
        try
        {
            Drop(address);
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            // The space comes back with the end of the process.
        }
    }

    private static void Drop(nint address)
    {
        if (Regions.TryRemove(address, out MappedRegion? region))
        {
            MappedArena owner = region.Owner;
            region.Unmap();
            lock (owner._gate)
            {
                owner.Bytes -= region.Length;
            }
        }
    }

    private MappedRegion Map(long bytes)
    {
        long length = (bytes + Granule - 1) / Granule * Granule;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            long free = new DriveInfo(_folder).AvailableFreeSpace;
            int error = free < length ? MappedCalls.NoSpace : _grow(_file, _length, length);
            if (error != 0)
            {
                // What could be had before the disk was full is given back.
                RandomAccess.SetLength(_file, _length);
                string why = error == MappedCalls.NoSpace ? $"the disk is full: {free} bytes are free" : $"the scratch file cannot grow ({Marshal.GetPInvokeErrorMessage(error)})";
                throw new IOException($"{_folder}: {why}, a tensor needs {length} more bytes beside the {Bytes} there are. Make room, or give a folder on another disk.");
            }

            var region = new MappedRegion(this, _file, _length, length);
            _length += length;
            Bytes += length;
            return region;
        }
    }
}
