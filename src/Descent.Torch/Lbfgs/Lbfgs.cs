using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Descent.Torch;

/// <summary>
/// L-BFGS through TorchSharp's <c>torch.optim.LBFGS</c>: quasi-Newton steps from the last differences of points and gradients, for functions that are the same at every
/// evaluation. Liu and Nocedal, "On the Limited Memory BFGS Method for Large Scale Optimization", 1989.
/// </summary>
/// <remarks>
/// <para>TorchSharp hides the history and gives no way to save it, so a call of <see cref="Minimize"/> begins with an empty one: what a call does depends on the
/// parameters alone, and a run that is resumed between two calls goes on exactly. Its line search is a fixed step: libtorch has one
/// for the strong Wolfe conditions, but TorchSharp's bridge (0.107, <c>THSNN_LBFGS_ctor</c>) takes no name of a search. Where a fixed step overshoots, lower <see cref="LearningRate"/>.</para>
/// <para>An exception of the function ends the call and is thrown from it with the parameters as they were before; in TorchSharp's own step it would end the process.</para>
/// </remarks>
/// <example><code>
/// var lbfgs = new Lbfgs(model.named_parameters()) { Iterations = 50 };
/// double before = lbfgs.Minimize(() =>
/// {
///     model.zero_grad();
///     using Tensor loss = model.call(x).sub(y).square().mean();
///     loss.backward();
///     return loss.item&lt;float&gt;();
/// });
/// </code></example>
public sealed class Lbfgs
{
    private readonly Parameter[] _parameters;

    /// <summary>A minimizer over some parameters.</summary>
    /// <param name="parameters">The parameters; those that need no gradient are left out.</param>
    /// <exception cref="ArgumentException">There is none.</exception>
    public Lbfgs(IEnumerable<(string Name, Parameter Parameter)> parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        DescentNative.EnsureLoaded();
        _parameters = [.. parameters.Select(static entry => entry.Parameter).Where(static parameter => parameter.requires_grad)];
        if (_parameters.Length == 0)
        {
            throw new ArgumentException("There is no parameter that needs a gradient; give at least one.", nameof(parameters));
        }
    }

    /// <summary>The length of a step along the quasi-Newton direction. Default 1 (PyTorch's).</summary>
    public double LearningRate { get; set; } = 1;

    /// <summary>Most iterations of a call. Default 20 (PyTorch's).</summary>
    public long Iterations { get; set; } = 20;

    /// <summary>How many differences of points and gradients the history holds. Default 100 (PyTorch's).</summary>
    public long History { get; set; } = 100;

    /// <summary>A call ends when no element of the gradient is larger. Default 1e-7 (PyTorch's).</summary>
    public double GradientTolerance { get; set; } = 1e-7;

    /// <summary>A call ends when neither the function nor a parameter changes by more. Default 1e-9 (PyTorch's).</summary>
    public double ChangeTolerance { get; set; } = 1e-9;

    /// <summary>Does up to <see cref="Iterations"/> iterations.</summary>
    /// <param name="evaluate">Clears the gradients, computes the function and its gradients, and returns its value.</param>
    /// <returns>The value at the first evaluation, that is, before the call.</returns>
    public double Minimize(Func<double> evaluate)
    {
        ArgumentNullException.ThrowIfNull(evaluate);
        using DisposeScope scope = NewDisposeScope();
        Tensor[] before = [.. _parameters.Select(static parameter => parameter.detach().clone())];
        Exception? failure = null;
        double? first = null;
        var values = new List<Tensor>();
        using (var native = new NativeLbfgs(_parameters, LearningRate, Iterations, GradientTolerance, ChangeTolerance, History))
        {
            native.Step(() =>
            {
                double value = 0;
                try
                {
                    value = failure is null ? evaluate() : 0;
                    first ??= value;
                }
                catch (Exception exception)
                {
                    // It must not cross libtorch. Without a gradient the search ends by itself.
                    failure = exception;
                }

                if (failure is not null)
                {
                    Stop();
                }

                // Lives until the end of the call: libtorch copies the handle after the return.
                values.Add(tensor(value));
                return values[^1].Handle;
            });
        }

        GC.KeepAlive(values);

        if (failure is not null)
        {
            using IDisposable noGrad = no_grad();
            for (int i = 0; i < before.Length; i++)
            {
                _parameters[i].copy_(before[i]);
            }

            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
        }

        return first ?? throw new InvalidOperationException("TorchSharp's L-BFGS returned without an evaluation.");
    }

    private void Stop()
    {
        foreach (Parameter parameter in _parameters)
        {
            using Tensor? gradient = parameter.grad;
            gradient?.zero_();
        }
    }
}
