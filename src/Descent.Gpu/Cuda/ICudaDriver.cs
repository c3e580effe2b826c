namespace Descent.Gpu;

/// <summary>The functions of CUDA's driver that are needed, by their names there without <c>cu</c>. Each returns CUDA's result, 0 for success.</summary>
internal unsafe interface ICudaDriver
{
    int Init();

    int DeviceGetCount(out int count);

    int DeviceGet(out int device, int ordinal);

    int DevicePrimaryCtxRetain(out nint context, int device);

    int CtxPushCurrent(nint context);

    int CtxPopCurrent(out nint context);

    /// <param name="module">The module.</param>
    /// <param name="image">PTX, ended by a zero byte.</param>
    /// <param name="log">Receives the assembler's errors as text.</param>
    int ModuleLoadData(out nint module, ReadOnlySpan<byte> image, Span<byte> log);

    int ModuleGetFunction(out nint function, nint module, string name);

    int MemAlloc(out nint memory, nuint bytes);

    int MemFree(nint memory);

    int MemcpyHtoDAsync(nint target, void* source, nuint bytes, nint stream);

    int LaunchKernel(nint function, uint blocks, uint threads, nint stream, void** arguments);

    /// <summary>The name of a result, such as <c>CUDA_ERROR_INVALID_PTX</c>.</summary>
    string NameOf(int result);
}
