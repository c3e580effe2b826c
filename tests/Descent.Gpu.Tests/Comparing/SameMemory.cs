using Descent.Optimizers;

namespace Descent.Gpu.Tests.Comparing;

/// <summary>The kernel works on this process's memory.</summary>
internal sealed class SameMemory(HostTensors tensors) : IMirror
{
    public TensorSlot[] Slots => tensors.Slots;

    public void Send()
    {
    }

    public void Fetch()
    {
    }

    public void Dispose()
    {
    }
}
