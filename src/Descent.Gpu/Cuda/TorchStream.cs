using System.Runtime.InteropServices;

namespace Descent.Gpu;

/// <summary>libtorch's current stream, through its stable C interface.</summary>
internal static unsafe class TorchStream
{
    private static readonly delegate* unmanaged[Cdecl]<int, nint*, int> Get = Find();

    /// <summary>The stream; where libtorch doesn't tell, the default one, which is all that TorchSharp's programs use.</summary>
    public static nint Current(int device)
    {
        nint stream = 0;
        return Get != null && Get(device, &stream) == 0 ? stream : 0;
    }

    // The library is there already when a tensor lies on a card.
    private static delegate* unmanaged[Cdecl]<int, nint*, int> Find() =>
        NativeLibrary.TryLoad(OperatingSystem.IsWindows() ? "torch_cuda.dll" : "libtorch_cuda.so", out nint library)
        && NativeLibrary.TryGetExport(library, "aoti_torch_get_current_cuda_stream", out nint address)
            ? (delegate* unmanaged[Cdecl]<int, nint*, int>)address
            : null;
}
