using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Descent.Torch;

/// <summary>
/// Sets libtorch's allocator of CPU memory (<c>c10::SetCPUAllocator</c>). An object of C++ is made for it: the default allocator's table of methods with two of them replaced.
/// </summary>
/// <remarks>
/// Nothing of its layout is taken on trust: the default allocator is asked for a block first, and the block's description must hold its address, the deleter and the address again where they are
/// expected; else nothing is set. The method that allocates is a dozen instructions that send small requests, and those beyond the machine's memory, to the default allocator, so that
/// its exception arrives where it should.
/// </remarks>
internal static unsafe class AllocatorHook
{
    // c10::Allocator: two destructors, allocate, is_simple_data_ptr, raw_deleter, copy_data.
    private const int Methods = 6, AllocateMethod = 2, DeleterMethod = 4;

    // The two words before a table of methods: the offset to the whole object, and its type.
    private const int Before = 2;

    // at::DataPtr: the address, the deleter and what it deletes, the device.
    private const int WordsOfResult = 4, AddressWord = 0, DeleterWord = 1, ContextWord = 2, DeviceWord = 3;

    private const byte Priority = 255;
    private const int Page = 4096;

    private static delegate* unmanaged[Cdecl]<nint, void> _free;
    private static delegate* unmanaged[Cdecl]<nint, void> _freeByDefault;
    private static nint _device;

    public static bool TryInstall(delegate* unmanaged[Cdecl]<nint, nint, nuint, nint> take, delegate* unmanaged[Cdecl]<nint, void> free, uint least)
    {
        if (!OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture != Architecture.X64
            || !NativeLibrary.TryLoad("libc10.so", out nint c10)
            || !NativeLibrary.TryGetExport(c10, "_ZN3c1015GetCPUAllocatorEv", out nint get)
            || !NativeLibrary.TryGetExport(c10, "_ZN3c1015SetCPUAllocatorEPNS_9AllocatorEh", out nint set))
        {
            return false;
        }

        nint standard = ((delegate* unmanaged[Cdecl]<nint>)get)();
        nint* methods = *(nint**)standard;
        nint deleter = ((delegate* unmanaged[Cdecl]<nint, nint>)methods[DeleterMethod])(standard);
        if (deleter == 0 || !IsAsKnown(standard, methods, deleter) || Gateway(least, (nint)take, methods[AllocateMethod]) is not { } gateway)
        {
            return false;
        }

        _freeByDefault = (delegate* unmanaged[Cdecl]<nint, void>)deleter;
        _free = free;

        // libtorch keeps a pointer to it as long as the process lives.
        var table = (nint*)NativeMemory.Alloc(Before + Methods, (nuint)sizeof(nint));
        new ReadOnlySpan<nint>(methods - Before, Before + Methods).CopyTo(new Span<nint>(table, Before + Methods));
        table[Before + AllocateMethod] = gateway;
        table[Before + DeleterMethod] = (nint)(delegate* unmanaged[Cdecl]<nint, nint>)&Deleter;
        var self = (nint*)NativeMemory.Alloc((nuint)sizeof(nint));
        *self = (nint)(table + Before);
        ((delegate* unmanaged[Cdecl]<nint, byte, void>)set)((nint)self, Priority);
        return true;
    }

    /// <summary>Writes the description of a block where libtorch wants it.</summary>
    public static void Fill(nint result, nint address)
    {
        var words = (nint*)result;
        words[AddressWord] = address;
        words[DeleterWord] = (nint)_free;
        words[ContextWord] = address;
        words[DeviceWord] = _device;
    }

    /// <summary>Frees what the default allocator gave.</summary>
    public static void FreeByDefault(nint address) => _freeByDefault(address);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nint Deleter(nint self) => (nint)_free;

    private static bool IsAsKnown(nint standard, nint* methods, nint deleter)
    {
        nint* result = stackalloc nint[2 * WordsOfResult];
        new Span<nint>(result, 2 * WordsOfResult).Fill(-1);
        var allocate = (delegate* unmanaged[Cdecl]<nint, nint, nuint, nint>)methods[AllocateMethod];
        nint returned = allocate((nint)result, standard, 128);
        bool known = returned == (nint)result && result[AddressWord] is not (0 or -1) && result[ContextWord] == result[AddressWord] && result[DeleterWord] == deleter
            && result[WordsOfResult] == -1;
        if (known)
        {
            // The device is two bytes; what lies after them is left as it was.
            _device = result[DeviceWord] & 0xFFFF;
            ((delegate* unmanaged[Cdecl]<nint, void>)deleter)(result[AddressWord]);
        }

        return known;
    }

    /// <summary>Instructions that send a request on by its size, which is the third argument (rdx).</summary>
    private static nint? Gateway(uint least, nint take, nint standard)
    {
        long most = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        byte[] code =
        [
            0x48, 0x81, 0xFA, .. BitConverter.GetBytes(least), // cmp rdx, least
            0x72, 0x1B, // jb standard
            0x48, 0xB8, .. BitConverter.GetBytes(most), // mov rax, most
            0x48, 0x39, 0xC2, // cmp rdx, rax
            0x77, 0x0C, // ja standard
            0x48, 0xB8, .. BitConverter.GetBytes((long)take), // mov rax, take
            0xFF, 0xE0, // jmp rax
            0x48, 0xB8, .. BitConverter.GetBytes((long)standard), // standard: mov rax, standard
            0xFF, 0xE0, // jmp rax
        ];
        nint page = PageCalls.Map(Page);
        if (page == 0)
        {
            return null;
        }

        code.CopyTo(new Span<byte>((void*)page, Page));
        return PageCalls.Allow(page, Page, PageCalls.Readable | PageCalls.Executable) ? page : null;
    }
}
