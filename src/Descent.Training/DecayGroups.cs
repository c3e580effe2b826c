using Descent.Torch;
using Descent.Training.Models;
using TorchSharp.Modules;
using OptimizerOptions = Descent.Optimizers.OptimizerOptions;

namespace Descent.Training;

/// <summary>Splits a model's parameters in those that are decayed and penalised, matrices and embeddings, and those that are left alone: norms and biases.</summary>
internal static class DecayGroups
{
    public static IReadOnlyList<FusedGroup> Of(Model model, OptimizerOptions options)
    {
        (string Name, Parameter Parameter)[] trainable = model.named_parameters().Where(entry => entry.parameter.requires_grad).ToArray();
        if (trainable.Length == 0)
        {
            throw new BadInputException($"{model.GetName()} has no trainable parameter; a module of one's own must call RegisterComponents() in its constructor");
        }

        ILookup<bool, (string, Parameter)> decays = trainable.ToLookup(entry => model.RoleOf(entry.Name).Decays());
        FusedGroup[] groups =
        [
            new FusedGroup(decays[true].ToArray(), options),
            new FusedGroup(decays[false].ToArray(), options with { WeightDecay = 0 }) { Penalized = false },
        ];
        return groups.Where(group => group.Parameters.Any()).ToArray();
    }
}
