using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Descent.Optimizers;

namespace Descent.Gpu;

/// <summary>
/// Runs kernels in the primary context of a card, which is the one that libtorch works in, and on libtorch's stream, so that their order is that of the operators
/// around them: a gradient is finished before it is read, and nothing waits.
/// </summary>
/// <param name="driver">NVIDIA's driver.</param>
/// <param name="stream">libtorch's current stream on a card.</param>
/// <remarks>Not for use by several threads at once.</remarks>
internal sealed unsafe class CudaLauncher(ICudaDriver driver, Func<int, nint> stream) : ILauncher
{
    private const int LogBytes = 8192;

    private readonly PtxCompiler _compiler = new();
    private readonly Dictionary<int, nint> _contexts = [];
    private readonly Dictionary<(int Device, Type Kernel), nint> _functions = [];

    /// <summary>Modules that were compiled, for tests and the curious.</summary>
    public int Modules => _functions.Count;

    public SafeHandle Allocate(int device, nuint bytes)
    {
        using var current = new Current(this, device);
        Check(driver.MemAlloc(out nint memory, bytes), $"{bytes} bytes on card {device}");
        return new Memory(this, device, memory);
    }

    public void Upload(int device, nint target, ReadOnlySpan<byte> source)
    {
        using var current = new Current(this, device);
        fixed (byte* bytes = source)
        {
            // From pageable memory: the driver has taken a copy when it returns.
            Check(driver.MemcpyHtoDAsync(target, bytes, (nuint)source.Length, stream(device)), $"copying {source.Length} bytes to card {device}");
        }
    }

    public void Launch<TRule, TPrologue>(int device, nint tensors, nint pieces, int blocks, TRule rule, TPrologue prologue)
        where TRule : struct, IRule
        where TPrologue : struct, IPrologue<TPrologue>
    {
        using var current = new Current(this, device);
        nint function = Function<TRule, TPrologue>(device);
        long table = tensors, work = pieces;

        // The launch copies what these point to.
        void** arguments = stackalloc void*[] { &table, &work, Unsafe.AsPointer(ref rule), Unsafe.AsPointer(ref prologue) };
        Check(
            driver.LaunchKernel(function, (uint)blocks, Piece.Threads, stream(device), arguments),
            $"launching {typeof(TRule).Name} on card {device}");
    }

    private nint Function<TRule, TPrologue>(int device)
        where TRule : struct, IRule
        where TPrologue : struct, IPrologue<TPrologue>
    {
        if (_functions.TryGetValue((device, typeof(UpdateTensors<TRule, TPrologue>)), out nint known))
        {
            return known;
        }

        PtxKernel kernel = _compiler.Compile<TRule, TPrologue>();
        byte[] log = new byte[LogBytes];
        int result = driver.ModuleLoadData(out nint module, Encoding.UTF8.GetBytes(kernel.Text + '\0'), log);
        string complaint = Encoding.UTF8.GetString(log).TrimEnd('\0', '\n');
        Check(result, $"loading the kernel of {typeof(TRule).Name}{(complaint.Length > 0 ? $" ({complaint})" : "")}");
        Check(driver.ModuleGetFunction(out nint function, module, kernel.Name), $"finding {kernel.Name}");
        _functions.Add((device, typeof(UpdateTensors<TRule, TPrologue>)), function);
        return function;
    }

    private nint Context(int device)
    {
        if (_contexts.TryGetValue(device, out nint known))
        {
            return known;
        }

        Check(driver.Init(), "starting the driver");
        Check(driver.DeviceGet(out int handle, device), $"finding card {device}");
        Check(driver.DevicePrimaryCtxRetain(out nint context, handle), $"taking the primary context of card {device}");
        _contexts.Add(device, context);
        return context;
    }

    private void Check(int result, string what)
    {
        if (result != 0)
        {
            throw new CudaException($"The NVIDIA driver refused {what}: {driver.NameOf(result)}.");
        }
    }

    /// <summary>Makes a card's context the thread's current one for a while; libtorch's own choice of card comes back.</summary>
    private readonly ref struct Current
    {
        private readonly CudaLauncher _launcher;

        public Current(CudaLauncher launcher, int device)
        {
            _launcher = launcher;
            launcher.Check(launcher.Push(device), $"entering the context of card {device}");
        }

        public void Dispose() => _launcher.Pop();
    }

    private int Push(int device) => driver.CtxPushCurrent(Context(device));

    private void Pop() => driver.CtxPopCurrent(out _);

    private sealed class Memory : SafeHandle
    {
        private readonly CudaLauncher _launcher;
        private readonly int _device;

        public Memory(CudaLauncher launcher, int device, nint memory)
            : base(0, ownsHandle: true)
        {
            (_launcher, _device) = (launcher, device);
            SetHandle(memory);
        }

        public override bool IsInvalid => handle == 0;

        // Waits for the kernels that may still read it, as cuMemFree does.
        protected override bool ReleaseHandle()
        {
            if (_launcher.Push(_device) != 0)
            {
                return false;
            }

            bool freed = _launcher.Free(handle) == 0;
            _launcher.Pop();
            return freed;
        }
    }

    private int Free(nint memory) => driver.MemFree(memory);
}
