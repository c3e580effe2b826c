using System.Reflection;
using System.Runtime.InteropServices;
using Descent.Optimizers;
using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;

namespace Descent.Gpu.Tests.Fakes;

/// <summary>Runs kernels on ILGPU's CPU accelerator: groups of threads with the indices that a card's would have, on this process's memory.</summary>
internal sealed unsafe class IlgpuCpuLauncher : ILauncher, IDisposable
{
    // Small groups: each thread of a group is one of the system's.
    private const int GroupSize = 8;

    private readonly Context _context = Context.Create(static builder => builder.CPU(new CPUDevice(4, 2, 1)));
    private readonly Accelerator _accelerator;
    private readonly Dictionary<Type, Kernel> _kernels = [];

    public IlgpuCpuLauncher() => _accelerator = _context.GetCPUDevice(0).CreateCPUAccelerator(_context);

    public SafeHandle Allocate(int device, nuint bytes) => new Block(bytes);

    public void Upload(int device, nint target, ReadOnlySpan<byte> source) => source.CopyTo(new Span<byte>((void*)target, source.Length));

    public void Launch<TRule, TPrologue>(int device, nint tensors, nint pieces, int blocks, TRule rule, TPrologue prologue)
        where TRule : struct, IRule
        where TPrologue : struct, IPrologue<TPrologue>
    {
        if (!_kernels.TryGetValue(typeof(UpdateTensors<TRule, TPrologue>), out Kernel? kernel))
        {
            MethodInfo run = typeof(UpdateTensors<TRule, TPrologue>).GetMethod(nameof(UpdateTensors<,>.Run))!;
            kernel = _accelerator.LoadKernel(run);
            _kernels.Add(typeof(UpdateTensors<TRule, TPrologue>), kernel);
        }

        var config = new KernelConfig(blocks, GroupSize);
        kernel.Launch(_accelerator.DefaultStream, config, (long)tensors, (long)pieces, rule, prologue);
        _accelerator.Synchronize();
    }

    public void Dispose()
    {
        _accelerator.Dispose();
        _context.Dispose();
    }

    private sealed class Block : SafeHandle
    {
        public Block(nuint bytes)
            : base(0, ownsHandle: true) =>
            SetHandle((nint)NativeMemory.AlignedAlloc(bytes, 256));

        public override bool IsInvalid => handle == 0;

        protected override bool ReleaseHandle()
        {
            NativeMemory.AlignedFree((void*)handle);
            return true;
        }
    }
}
