using System.Runtime.InteropServices;
using System.Text;
using Descent.Gpu.Tests.Machine;

namespace Descent.Gpu.Tests.Fakes;

/// <summary>A driver whose card is this machine: its memory is ours, and its kernels are read as PTX and executed instruction by instruction.</summary>
internal sealed unsafe class FakeCudaDriver : ICudaDriver
{
    public const nint Context = 77;

    private readonly List<PtxProgram> _modules = [];
    private readonly Stack<nint> _current = [];

    public List<string> Calls { get; } = [];

    public List<(uint Blocks, uint Threads, nint Stream)> Launches { get; } = [];

    public int Depth => _current.Count;

    public int Allocated { get; private set; }

    /// <summary>The function that fails next, with the result 999.</summary>
    public string? Failing { get; set; }

    public int Init() => Answer(nameof(Init));

    public int DeviceGetCount(out int count)
    {
        count = 1;
        return Answer(nameof(DeviceGetCount));
    }

    public int DeviceGet(out int device, int ordinal)
    {
        device = 10 + ordinal;
        return Answer(nameof(DeviceGet));
    }

    public int DevicePrimaryCtxRetain(out nint context, int device)
    {
        context = device == 10 ? Context : 0;
        return Answer(nameof(DevicePrimaryCtxRetain));
    }

    public int CtxPushCurrent(nint context)
    {
        _current.Push(context);
        return 0;
    }

    public int CtxPopCurrent(out nint context)
    {
        context = _current.Pop();
        return 0;
    }

    public int ModuleLoadData(out nint module, ReadOnlySpan<byte> image, Span<byte> log)
    {
        RequireContext();
        module = _modules.Count + 1;
        if (Failing == nameof(ModuleLoadData))
        {
            "ptxas error: line 7"u8.CopyTo(log);
            return Answer(nameof(ModuleLoadData));
        }

        if (image[^1] != 0)
        {
            throw new InvalidOperationException("The text must end with a zero byte.");
        }

        _modules.Add(new PtxProgram(Encoding.UTF8.GetString(image[..^1])));
        return Answer(nameof(ModuleLoadData));
    }

    public int ModuleGetFunction(out nint function, nint module, string name)
    {
        function = module;
        return _modules[(int)module - 1].Name == name ? Answer(nameof(ModuleGetFunction)) : 500;
    }

    public int MemAlloc(out nint memory, nuint bytes)
    {
        RequireContext();
        memory = (nint)NativeMemory.AlignedAlloc(bytes, 256);
        Allocated++;
        return Answer(nameof(MemAlloc));
    }

    public int MemFree(nint memory)
    {
        RequireContext();
        NativeMemory.AlignedFree((void*)memory);
        Allocated--;
        return Answer(nameof(MemFree));
    }

    public int MemcpyHtoDAsync(nint target, void* source, nuint bytes, nint stream)
    {
        RequireContext();
        NativeMemory.Copy(source, (void*)target, bytes);
        return Answer(nameof(MemcpyHtoDAsync));
    }

    public int LaunchKernel(nint function, uint blocks, uint threads, nint stream, void** arguments)
    {
        RequireContext();
        PtxProgram program = _modules[(int)function - 1];
        byte[][] parameters = [.. program.Sizes.Select((bytes, index) => new ReadOnlySpan<byte>(arguments[index], bytes).ToArray())];
        Launches.Add((blocks, threads, stream));
        program.Run(blocks, threads, parameters);
        return Answer(nameof(LaunchKernel));
    }

    public string NameOf(int result) => $"CUDA_ERROR_{result}";

    private void RequireContext()
    {
        if (!_current.TryPeek(out nint context) || context != Context)
        {
            throw new InvalidOperationException("The primary context is not current.");
        }
    }

    private int Answer(string name)
    {
        Calls.Add(name);
        return Failing == name ? 999 : 0;
    }
}
