using Descent.Torch;
using Descent.Training.Configuration;
using Descent.Training.Models;

namespace Descent.Training;

/// <summary>Routes a model's parameters as a run file says.</summary>
internal static class Routes
{
    /// <exception cref="BadInputException">A group takes no parameter, contradicts itself, or nothing is left to train.</exception>
    public static Routing Of(Model model, TrainingOptions options)
    {
        try
        {
            return Routing.Of(model, options.Optimizer, options.Groups);
        }
        catch (ArgumentException exception)
        {
            throw new BadInputException(exception.Message.Split(" (Parameter", 2)[0], exception);
        }
    }
}
