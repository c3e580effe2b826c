using TorchSharp;
using static TorchSharp.torch;

namespace Descent.Training.Models;

/// <summary>
/// Base of the custom autograd functions: keeps what backward needs in a managed state that is let go as soon as backward has run
/// (libtorch frees the saved tensors of a custom node only with the whole graph), catches failures, disposes incoming wrappers.
/// </summary>
/// <typeparam name="TSelf">The function itself.</typeparam>
internal abstract class DirectFunction<TSelf> : autograd.SingleTensorFunction<TSelf>
    where TSelf : DirectFunction<TSelf>, new()
{
    private const string StateKey = "state";

    public override string Name => typeof(TSelf).Name;

    public sealed override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        // The zeros that would stand in for a missing gradient are made from a tensor of the layer's scope, gone by then.
        ctx.set_materialize_grads(false);
        (Tensor output, IDisposable state) = Forward(vars);
        ctx.save_data(StateKey, state);
        return output;
    }

    public sealed override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        BackwardPass.ReleaseHandedOver();
        using DisposeScope scope = NewDisposeScope();
        var state = (IDisposable)ctx.get_data(StateKey);
        var gradients = new Tensor?[Arguments];
        try
        {
            if (!grad_output.IsInvalid)
            {
                Backward(state, grad_output, gradients);
                BackwardPass.HandOver(gradients);
            }
        }
        catch (Exception failure)
        {
            BackwardPass.Fail(failure);
            Array.Clear(gradients);
        }
        finally
        {
            state.Dispose();
            grad_output.Dispose();
        }

        return [.. gradients.Select(gradient => gradient!)];
    }

    /// <summary>The number of arguments of <c>apply</c>: backward returns one entry for each.</summary>
    protected abstract int Arguments { get; }

    protected abstract (Tensor Output, IDisposable State) Forward(object[] arguments);

    /// <summary>Fills <paramref name="gradients"/>; entries left null have no gradient (or it was added to <c>grad</c> directly).</summary>
    protected abstract void Backward(IDisposable state, Tensor gradient, Tensor?[] gradients);

    protected static bool Records(params ReadOnlySpan<Tensor?> tensors)
    {
        if (!is_grad_enabled())
        {
            return false;
        }

        foreach (Tensor? tensor in tensors)
        {
            if (tensor is not null && tensor.requires_grad)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>An alias of the same memory outside of autograd and of every scope, owned by the state.</summary>
    protected static Tensor Keep(Tensor tensor) => tensor.detach().DetachFromDisposeScope();
}
