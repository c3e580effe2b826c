using Descent.Torch;
using Descent.Training.Models;
using TorchSharp.Modules;
using OptimizerOptions = Descent.Optimizers.OptimizerOptions;

namespace Descent.Training;

/// <summary>Puts a model's parameters into groups; decay and penalties are kept off norms and biases.</summary>
internal static class DecayGroups
{
    public static IReadOnlyList<FusedGroup> Of(Model model, OptimizerOptions options)
    {
        (string Name, Parameter Parameter)[] trainable = model.named_parameters().Where(entry => entry.parameter.requires_grad).ToArray();
        if (trainable.Length == 0)
        {
            throw new BadInputException($"{model.GetName()} has no trainable parameter; a module of one's own must call RegisterComponents() in its constructor");
        }

        return
        [
            new FusedGroup(trainable, options)
            {
                Exempt = trainable.Select(entry => entry.Name).Where(name => !model.RoleOf(name).Decays()).ToHashSet(),
                Roles = trainable.ToDictionary(entry => entry.Name, entry => model.RoleOf(entry.Name)),
                StackedRows = trainable.Where(entry => entry.Parameter.dim() > 0)
                    .ToDictionary(entry => entry.Name, entry => model.StackedRows(entry.Name, entry.Parameter.shape[0])),
                HeadRows = trainable.ToDictionary(entry => entry.Name, entry => model.HeadRows(entry.Name)),
            },
        ];
    }
}
