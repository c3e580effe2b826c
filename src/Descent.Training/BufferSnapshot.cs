using static TorchSharp.torch;

namespace Descent.Training;

/// <summary>A copy of a model's buffers (BatchNorm's running statistics), put back when it is disposed: whatever runs in between leaves no trace in them.</summary>
internal sealed class BufferSnapshot : IDisposable
{
    private readonly (string Name, Tensor Buffer, Tensor Copy)[] _buffers;

    public BufferSnapshot(nn.Module model)
    {
        using IDisposable noGrad = no_grad();
        _buffers = [.. model.named_buffers(include_nonpersistent: false).Select(static entry => (entry.name, entry.buffer, entry.buffer.clone().DetachFromDisposeScope()))];
    }

    /// <summary>What will be put back.</summary>
    public IEnumerable<(string Name, Tensor Value)> Copies => _buffers.Select(static entry => (entry.Name, entry.Copy));

    /// <summary>Leaves the buffers as they are now.</summary>
    public void Keep() => Release();

    public void Dispose()
    {
        using IDisposable noGrad = no_grad();
        foreach ((string _, Tensor buffer, Tensor copy) in _buffers)
        {
            if (!copy.IsInvalid)
            {
                buffer.copy_(copy);
            }
        }

        Release();
    }

    private void Release()
    {
        foreach ((string _, Tensor _, Tensor copy) in _buffers)
        {
            copy.Dispose();
        }
    }
}
