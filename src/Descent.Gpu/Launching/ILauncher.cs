using System.Runtime.InteropServices;
using Descent.Optimizers;

namespace Descent.Gpu;

/// <summary>Where kernels run: a CUDA card, or in tests whatever stands for one.</summary>
internal interface ILauncher
{
    /// <summary>Memory of a device, freed with the handle.</summary>
    SafeHandle Allocate(int device, nuint bytes);

    /// <summary>Copies to a device's memory, in the order of its work; the source is free again on return.</summary>
    void Upload(int device, nint target, ReadOnlySpan<byte> source);

    /// <summary>Starts <see cref="UpdateTensors{TRule, TPrologue}"/> with one block a piece, in the order of the device's work.</summary>
    void Launch<TRule, TPrologue>(int device, nint tensors, nint pieces, int blocks, TRule rule, TPrologue prologue)
        where TRule : struct, IRule
        where TPrologue : struct, IPrologue<TPrologue>;
}
