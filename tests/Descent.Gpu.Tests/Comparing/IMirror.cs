using Descent.Optimizers;

namespace Descent.Gpu.Tests.Comparing;

/// <summary>Tensors of this process as a kernel sees them, which may be in another memory.</summary>
internal interface IMirror : IDisposable
{
    /// <summary>The tensors, at the addresses that the kernel is given.</summary>
    TensorSlot[] Slots { get; }

    /// <summary>Brings this process's values to the kernel's memory.</summary>
    void Send();

    /// <summary>Waits for the kernel and brings its values back.</summary>
    void Fetch();
}
