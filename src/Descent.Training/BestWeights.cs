using Descent.Training.Models;
using static TorchSharp.torch;

namespace Descent.Training;

/// <summary>A copy in memory of a model's best parameters and buffers, for runs that write no checkpoints.</summary>
internal sealed class BestWeights(Model model) : IDisposable
{
    private readonly Dictionary<string, Tensor> _copies = new(StringComparer.Ordinal);

    public void Capture()
    {
        using IDisposable noGrad = no_grad();
        foreach ((string name, Tensor tensor) in model.state_dict())
        {
            if (!_copies.TryGetValue(name, out Tensor? copy))
            {
                copy = empty_like(tensor).DetachFromDisposeScope();
                _copies.Add(name, copy);
            }

            copy.copy_(tensor);
        }
    }

    public void Restore()
    {
        using IDisposable noGrad = no_grad();
        foreach ((string name, Tensor tensor) in model.state_dict())
        {
            tensor.copy_(_copies[name]);
        }
    }

    public void Dispose()
    {
        foreach (Tensor copy in _copies.Values)
        {
            copy.Dispose();
        }
    }
}
