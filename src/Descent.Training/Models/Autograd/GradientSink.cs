using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Descent.Training.Models;

/// <summary>
/// Adds weight gradients straight into <c>parameter.grad</c>: the matrix multiplication accumulates (β = 1), so a weight's gradient never
/// exists a second time. With autograd's own accumulation each one is a fresh block of memory (page faults were half of the backward pass
/// of GPT-2 small) that is then added in another pass.
/// </summary>
/// <remarks>Every method returns null when the gradient went into a leaf's grad or isn't wanted, otherwise what to hand to autograd.</remarks>
internal static class GradientSink
{
    /// <summary>1 for in-place additions: an implicit Scalar isn't kept alive by a scope and can be collected during the call.</summary>
    public static readonly Scalar One = 1f.ToScalar();

    /// <summary>Frees gradients: backward makes new ones.</summary>
    public static void Free(IEnumerable<Parameter> parameters)
    {
        foreach (Parameter parameter in parameters)
        {
            parameter.grad?.Dispose();
            parameter.grad = null;
        }
    }

    /// <summary>grad += scale · left · right.</summary>
    public static Tensor? AddProduct(Tensor parameter, Tensor left, Tensor right, float scale = 1f)
    {
        if (!parameter.requires_grad)
        {
            return null;
        }

        if (parameter.dtype != left.dtype)
        {
            // A narrow gradient is the rounded sum of exact ones: once a micro-batch.
            using WideRoom exact = WideRoom.Rent(parameter.shape, left.device);
            return Add(parameter, exact.Tensor.addmm_(left, right, beta: 0f, alpha: scale));
        }

        using Tensor? grad = parameter.is_leaf ? parameter.grad : null;
        if (grad is not null)
        {
            grad.addmm_(left, right, beta: 1f, alpha: scale);
            return null;
        }

        // β = 0 ignores what is in the fresh block, NaN included.
        Tensor product = empty_like(parameter, requires_grad: false);
        product.addmm_(left, right, beta: 0f, alpha: scale);
        return Deliver(parameter, product);
    }

    /// <summary>grad += gradient.</summary>
    public static Tensor? Add(Tensor parameter, Tensor gradient)
    {
        if (!parameter.requires_grad)
        {
            return null;
        }

        using Tensor? grad = parameter.is_leaf ? parameter.grad : null;
        if (grad is not null)
        {
            grad.add_(gradient, One);
            return null;
        }

        return Deliver(parameter, gradient.to(parameter.dtype));
    }

    /// <summary>grad[index] += rows, row by row.</summary>
    public static Tensor? AddRows(Tensor parameter, Tensor index, Tensor rows)
    {
        if (!parameter.requires_grad)
        {
            return null;
        }

        using Tensor? grad = parameter.is_leaf ? parameter.grad : null;
        if (grad is not null)
        {
            Accumulate(grad, index, rows);
            return null;
        }

        Tensor gradient = zeros_like(parameter, requires_grad: false);
        Accumulate(gradient, index, rows);
        return Deliver(parameter, gradient);
    }

    private static void Accumulate(Tensor grad, Tensor index, Tensor rows)
    {
        if (grad.dtype == rows.dtype)
        {
            grad.index_add_(0, index, rows, One);
            return;
        }

        // A frequent token has hundreds of rows; added one by one to a narrow sum, most of them would be lost.
        (Tensor used_U, Tensor? places_N, _) = index.unique(return_inverse: true);
        Tensor sums_UD = grad.index_select(0, used_U).to(rows.dtype);
        sums_UD.index_add_(0, places_N!, rows, One);
        grad.index_copy_(0, used_U, sums_UD.to(grad.dtype));
    }

    private static Tensor? Deliver(Tensor parameter, Tensor gradient)
    {
        if (!parameter.is_leaf)
        {
            return gradient;
        }

        parameter.grad = gradient;
        return null;
    }
}
