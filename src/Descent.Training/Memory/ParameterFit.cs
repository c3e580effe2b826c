using Descent.Optimizers;
using Descent.Torch;
using Descent.Training.Configuration;
using Descent.Training.Models;
using static TorchSharp.torch;

namespace Descent.Training.Memory;

/// <summary>Looks whether model and rules go with <see cref="MemoryOptions.Parameters"/>.</summary>
internal static class ParameterFit
{
    /// <exception cref="BadInputException">They don't.</exception>
    public static void Require(Model model, Routing routing, TrainingOptions options)
    {
        if (options.Memory.Parameters != ParameterFormat.Bfloat16)
        {
            return;
        }

        if (!model.parameters().Any(static parameter => parameter.dtype == ScalarType.BFloat16))
        {
            throw new BadInputException(
                $"memory.parameters is bfloat16, and {model.GetName()} keeps its parameters in {model.parameters().First().dtype.ToString().ToLowerInvariant()}; "
                + "leave it at float32, or take a model of kind gpt or mlp, which widens what it stores");
        }

        foreach (Route route in routing.Routes)
        {
            // Other rules round to the nearest: an update of less than half a last digit would be lost, every time.
            Optimizers.OptimizerOptions rule = route.Group.Options;
            if ((rule is MatrixOptions or LbfgsOptions || rule.Scope != UpdateScope.Element)
                && route.Group.Parameters.Any(static entry => entry.Parameter.dtype == ScalarType.BFloat16))
            {
                throw new BadInputException(
                    $"memory.parameters is bfloat16, which only element-wise rules update with stochastic rounding, and '{rule.Kind}' is none; leave it at float32, or take a rule such as adamw");
            }
        }
    }
}
