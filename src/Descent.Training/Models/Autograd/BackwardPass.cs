using static TorchSharp.torch;

namespace Descent.Training.Models;

/// <summary>
/// Runs backward passes through models whose layers add their weight gradients straight into <c>parameter.grad</c>.
/// </summary>
/// <remarks>
/// An exception that leaves a managed backward function ends the process (libtorch can't unwind through it). The functions of this
/// library therefore keep their first failure and let the pass finish; <see cref="Run(Tensor)"/> throws it afterwards.
/// </remarks>
public static class BackwardPass
{
    private static Exception? _failure;

    // libtorch copies a returned gradient's handle only after the managed function has returned, so the wrapper must outlive the call.
    // It is let go at the next call on the same thread, or at the end of the pass: the gradients of the layers don't pile up.
    [ThreadStatic]
    private static List<Tensor>? _handedOver;

    /// <summary>Computes the gradients of a scalar: ∂loss/∂p is added to <c>p.grad</c> for every leaf p.</summary>
    /// <param name="loss">A scalar with a graph.</param>
    /// <exception cref="InvalidOperationException">A layer failed in its backward function; the cause is the inner exception.</exception>
    public static void Run(Tensor loss)
    {
        loss.backward();
        Finish();
    }

    /// <summary>Computes vector–Jacobian products: the gradients of ⟨output, gradient⟩ are added to the leaves' <c>grad</c>.</summary>
    /// <param name="output">A tensor with a graph.</param>
    /// <param name="gradient">The gradient with respect to <paramref name="output"/>, of the same shape.</param>
    /// <exception cref="InvalidOperationException">A layer failed in its backward function; the cause is the inner exception.</exception>
    public static void Run(Tensor output, Tensor gradient)
    {
        autograd.backward([output], [gradient]);
        Finish();
    }

    internal static void Fail(Exception failure) => Interlocked.CompareExchange(ref _failure, failure, null);

    internal static void HandOver(IEnumerable<Tensor?> gradients)
    {
        List<Tensor> kept = _handedOver ??= [];
        foreach (Tensor? gradient in gradients)
        {
            if (gradient is not null)
            {
                kept.Add(gradient.DetachFromDisposeScope());
            }
        }
    }

    internal static void ReleaseHandedOver()
    {
        if (_handedOver is null)
        {
            return;
        }

        foreach (Tensor gradient in _handedOver)
        {
            gradient.Dispose();
        }

        _handedOver.Clear();
    }

    private static void Finish()
    {
        ReleaseHandedOver();
        if (Interlocked.Exchange(ref _failure, null) is { } failure)
        {
            throw new InvalidOperationException($"A backward function failed: {failure.Message}", failure);
        }
    }
}
