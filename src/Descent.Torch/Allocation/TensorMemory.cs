using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Descent.Torch;

/// <summary>The memory of libtorch's large tensors on the CPU, taken over from the C library: see <see cref="BlockCache"/>.</summary>
internal static unsafe class TensorMemory
{
    /// <summary>Smaller blocks stay with the C library.</summary>
    public const uint LeastBytes = 1 << 20;

    private const nuint HugePage = 2 << 20;

    private static readonly Lock Gate = new();
    private static bool? _installed;

    /// <summary>The blocks.</summary>
    public static BlockCache Blocks { get; } = new(Map, PageCalls.Unmap);

    /// <summary>Puts it into libtorch's place; false where this libtorch isn't laid out as known, or the system isn't Linux on x64.</summary>
    public static bool Install()
    {
        lock (Gate)
        {
            return _installed ??= AllocatorHook.TryInstall(&Take, &Return, LeastBytes);
        }
    }

    // libtorch expects an exception of C++ where there is no memory, which can't be thrown from here; requests beyond the machine's memory don't arrive here.
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nint Take(nint result, nint self, nuint bytes)
    {
        nint address = Blocks.Take(bytes);
        if (address == 0)
        {
            Environment.FailFast($"The kernel gives no {bytes} bytes for a tensor; {Blocks.Live} are in use. Plan with less memory: 'descent plan'.");
        }

        AllocatorHook.Fill(result, address);
        return result;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Return(nint address)
    {
        if (!Blocks.Return(address))
        {
            AllocatorHook.FreeByDefault(address);
        }
    }

    private static nint Map(nuint bytes)
    {
        nint address = PageCalls.Map(bytes);
        if (address != 0 && bytes >= 2 * HugePage)
        {
            PageCalls.PreferHuge(address, bytes);
        }

        return address;
    }
}
