using System.Reflection;
using System.Runtime.InteropServices;

namespace Descent.Gpu.Bench;

/// <summary>The driver's functions that measuring needs beside those of <see cref="ICudaDriver"/>: events, copies, and what the card is called.</summary>
internal static unsafe partial class CudaCalls
{
    private const string Driver = "cuda";

    static CudaCalls() => NativeLibrary.SetDllImportResolver(
        Assembly.GetExecutingAssembly(),
        static (name, _, _) => name == Driver ? NativeLibrary.Load(OperatingSystem.IsWindows() ? "nvcuda.dll" : "libcuda.so.1") : 0);

    [LibraryImport(Driver, EntryPoint = "cuDriverGetVersion")]
    public static partial int DriverGetVersion(out int version);

    [LibraryImport(Driver, EntryPoint = "cuDeviceGetName")]
    public static partial int DeviceGetName(byte* name, int bytes, int device);

    [LibraryImport(Driver, EntryPoint = "cuDeviceGetAttribute")]
    public static partial int DeviceGetAttribute(out int value, int attribute, int device);

    [LibraryImport(Driver, EntryPoint = "cuMemcpyDtoH_v2")]
    public static partial int MemcpyDtoH(void* target, nint source, nuint bytes);

    [LibraryImport(Driver, EntryPoint = "cuMemcpyDtoDAsync_v2")]
    public static partial int MemcpyDtoDAsync(nint target, nint source, nuint bytes, nint stream);

    [LibraryImport(Driver, EntryPoint = "cuMemsetD32Async")]
    public static partial int MemsetD32Async(nint target, uint value, nuint count, nint stream);

    [LibraryImport(Driver, EntryPoint = "cuStreamSynchronize")]
    public static partial int StreamSynchronize(nint stream);

    [LibraryImport(Driver, EntryPoint = "cuEventCreate")]
    public static partial int EventCreate(out nint created, uint flags);

    [LibraryImport(Driver, EntryPoint = "cuEventRecord")]
    public static partial int EventRecord(nint recorded, nint stream);

    [LibraryImport(Driver, EntryPoint = "cuEventElapsedTime")]
    public static partial int EventElapsedTime(out float milliseconds, nint start, nint end);

    [LibraryImport(Driver, EntryPoint = "cuEventDestroy_v2")]
    public static partial int EventDestroy(nint destroyed);
}
