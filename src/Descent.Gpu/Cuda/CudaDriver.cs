using System.Runtime.InteropServices;

namespace Descent.Gpu;

/// <summary>NVIDIA's driver, loaded when first asked for.</summary>
/// <remarks>Names and signatures are those of <c>cuda.h</c> since CUDA 4.0, which every driver has kept.</remarks>
internal sealed unsafe class CudaDriver : ICudaDriver
{
    private const int JitErrorLogBuffer = 5, JitErrorLogBufferBytes = 6; // CU_JIT_ERROR_LOG_BUFFER and …_SIZE_BYTES

    private readonly delegate* unmanaged[Cdecl]<uint, int> _init;
    private readonly delegate* unmanaged[Cdecl]<int*, int> _deviceGetCount;
    private readonly delegate* unmanaged[Cdecl]<int*, int, int> _deviceGet;
    private readonly delegate* unmanaged[Cdecl]<nint*, int, int> _retain;
    private readonly delegate* unmanaged[Cdecl]<nint, int> _push;
    private readonly delegate* unmanaged[Cdecl]<nint*, int> _pop;
    private readonly delegate* unmanaged[Cdecl]<nint*, void*, uint, int*, void**, int> _load;
    private readonly delegate* unmanaged[Cdecl]<nint*, nint, byte*, int> _function;
    private readonly delegate* unmanaged[Cdecl]<nint*, nuint, int> _alloc;
    private readonly delegate* unmanaged[Cdecl]<nint, int> _free;
    private readonly delegate* unmanaged[Cdecl]<nint, void*, nuint, nint, int> _copy;
    private readonly delegate* unmanaged[Cdecl]<nint, uint, uint, uint, uint, uint, uint, uint, nint, void**, void**, int> _launch;
    private readonly delegate* unmanaged[Cdecl]<int, byte**, int> _errorName;

    private CudaDriver(nint library)
    {
        _init = (delegate* unmanaged[Cdecl]<uint, int>)Find("cuInit");
        _deviceGetCount = (delegate* unmanaged[Cdecl]<int*, int>)Find("cuDeviceGetCount");
        _deviceGet = (delegate* unmanaged[Cdecl]<int*, int, int>)Find("cuDeviceGet");
        _retain = (delegate* unmanaged[Cdecl]<nint*, int, int>)Find("cuDevicePrimaryCtxRetain");
        _push = (delegate* unmanaged[Cdecl]<nint, int>)Find("cuCtxPushCurrent_v2");
        _pop = (delegate* unmanaged[Cdecl]<nint*, int>)Find("cuCtxPopCurrent_v2");
        _load = (delegate* unmanaged[Cdecl]<nint*, void*, uint, int*, void**, int>)Find("cuModuleLoadDataEx");
        _function = (delegate* unmanaged[Cdecl]<nint*, nint, byte*, int>)Find("cuModuleGetFunction");
        _alloc = (delegate* unmanaged[Cdecl]<nint*, nuint, int>)Find("cuMemAlloc_v2");
        _free = (delegate* unmanaged[Cdecl]<nint, int>)Find("cuMemFree_v2");
        _copy = (delegate* unmanaged[Cdecl]<nint, void*, nuint, nint, int>)Find("cuMemcpyHtoDAsync_v2");
        _launch = (delegate* unmanaged[Cdecl]<nint, uint, uint, uint, uint, uint, uint, uint, nint, void**, void**, int>)Find("cuLaunchKernel");
        _errorName = (delegate* unmanaged[Cdecl]<int, byte**, int>)Find("cuGetErrorName");

        nint Find(string name) => NativeLibrary.GetExport(library, name);
    }

    private static string FileName => OperatingSystem.IsWindows() ? "nvcuda.dll" : "libcuda.so.1";

    /// <summary>The driver, or null and what is missing.</summary>
    public static CudaDriver? TryLoad(out string missing)
    {
        missing = $"there is no NVIDIA driver: {FileName} was not found; install the driver of an NVIDIA card";
        return NativeLibrary.TryLoad(FileName, out nint library) ? new CudaDriver(library) : null;
    }

    public int Init() => _init(0);

    public int DeviceGetCount(out int count)
    {
        int found = 0;
        int result = _deviceGetCount(&found);
        count = found;
        return result;
    }

    public int DeviceGet(out int device, int ordinal)
    {
        int found = 0;
        int result = _deviceGet(&found, ordinal);
        device = found;
        return result;
    }

    public int DevicePrimaryCtxRetain(out nint context, int device)
    {
        nint retained = 0;
        int result = _retain(&retained, device);
        context = retained;
        return result;
    }

    public int CtxPushCurrent(nint context) => _push(context);

    public int CtxPopCurrent(out nint context)
    {
        nint popped = 0;
        int result = _pop(&popped);
        context = popped;
        return result;
    }

    public int ModuleLoadData(out nint module, ReadOnlySpan<byte> image, Span<byte> log)
    {
        nint loaded = 0;
        int* options = stackalloc int[] { JitErrorLogBuffer, JitErrorLogBufferBytes };
        void** values = stackalloc void*[2];
        fixed (byte* source = image, text = log)
        {
            values[0] = text;
            values[1] = (void*)(nuint)log.Length; // an option that is a number is passed as the pointer itself
            int result = _load(&loaded, source, 2, options, values);
            module = loaded;
            return result;
        }
    }

    public int ModuleGetFunction(out nint function, nint module, string name)
    {
        nint found = 0;
        byte* text = (byte*)Marshal.StringToCoTaskMemUTF8(name);
        int result = _function(&found, module, text);
        Marshal.FreeCoTaskMem((nint)text);
        function = found;
        return result;
    }

    public int MemAlloc(out nint memory, nuint bytes)
    {
        nint allocated = 0;
        int result = _alloc(&allocated, bytes);
        memory = allocated;
        return result;
    }

    public int MemFree(nint memory) => _free(memory);

    public int MemcpyHtoDAsync(nint target, void* source, nuint bytes, nint stream) => _copy(target, source, bytes, stream);

    public int LaunchKernel(nint function, uint blocks, uint threads, nint stream, void** arguments) =>
        _launch(function, blocks, 1, 1, threads, 1, 1, 0, stream, arguments, null);

    public string NameOf(int result)
    {
        byte* name = null;
        return _errorName(result, &name) == 0 ? Marshal.PtrToStringUTF8((nint)name) ?? $"{result}" : $"{result}";
    }
}
