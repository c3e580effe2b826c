using Descent.Torch;
using Descent.Training.Configuration;
using Descent.Training.Models;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Descent.Training;

/// <summary>The values of the L1 and L2 penalties, to be reported. Their gradients are folded into the optimizer's pass.</summary>
internal static class Penalties
{
    /// <summary>λ₁·Σ|w| and λ₂/2·Σw² over what is penalised: all but norms and biases.</summary>
    public static IEnumerable<(string Name, double Value)> Of(Model model, RegularizationOptions options)
    {
        if (options.L1 > 0)
        {
            yield return ("regularization/l1", options.L1 * Sum(model, w => w.abs()));
        }

        if (options.L2 > 0)
        {
            yield return ("regularization/l2", options.L2 / 2 * Sum(model, w => w.square()));
        }
    }

    private static double Sum(Model model, Func<Tensor, Tensor> of)
    {
        using IDisposable noGrad = no_grad();
        double sum = 0;
        foreach ((string name, Parameter parameter) in model.named_parameters())
        {
            if (parameter.requires_grad && model.RoleOf(name).Decays())
            {
                using DisposeScope scope = NewDisposeScope();
                using WideRoom wide = StoredWeight.Widen(parameter);
                sum += of(wide.Tensor).sum(ScalarType.Float64).item<double>();
            }
        }

        return sum;
    }
}
