using TorchSharp;
using static TorchSharp.torch;

namespace Descent.Training.Models;

/// <summary>
/// Room for one float32 matrix at a time, kept by its thread from use to use: a fresh block for each would be a fault for every page where freed blocks go back to
/// the kernel (<c>memory.prefer: memory</c>), which took as long as the products themselves.
/// </summary>
internal readonly struct WideRoom(Tensor tensor, bool rented) : IDisposable
{
    [ThreadStatic]
    private static Tensor? _room;

    [ThreadStatic]
    private static bool _taken;

    /// <summary>The matrix; what is in it is old.</summary>
    public Tensor Tensor => tensor;

    /// <summary>Takes the room; while someone has it, or elsewhere than on the CPU, it is a block of its own.</summary>
    public static WideRoom Rent(long[] shape, Device device)
    {
        if (_taken || device.type != DeviceType.CPU)
        {
            return new WideRoom(empty(shape, ScalarType.Float32, device), rented: false);
        }

        long length = shape.Aggregate(1L, static (product, extent) => product * extent);
        if (_room is null || _room.IsInvalid || _room.numel() < length)
        {
            _room?.Dispose();
            _room = empty(length, ScalarType.Float32).DetachFromDisposeScope();
        }

        _taken = true;
        using Tensor part = _room.narrow(0, 0, length);
        return new WideRoom(part.view(shape), rented: true);
    }

    /// <summary>Frees the room of this thread; the next one who wants it makes it anew.</summary>
    public static void Forget()
    {
        if (!_taken)
        {
            _room?.Dispose();
            _room = null;
        }
    }

    /// <summary>Gives it back.</summary>
    public void Dispose()
    {
        tensor.Dispose();
        if (rented)
        {
            _taken = false;
        }
    }
}
