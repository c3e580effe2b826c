using Descent.Torch;
using Descent.Training.Configuration;
using Descent.Training.Memory;
using Descent.Training.Models;
using Descent.Training.Parametrization;

namespace Descent.Training;

/// <summary>Routes a model's parameters as a run file says.</summary>
internal static class Routes
{
    /// <exception cref="BadInputException">A group takes no parameter, contradicts itself, nothing is left to train, or parameters can't be stored as asked.</exception>
    public static Routing Of(Model model, TrainingOptions options)
    {
        try
        {
            var routing = Routing.Of(model, options.Optimizer, options.Groups, MaximalUpdate.Of(model, options));
            ParameterFit.Require(model, routing, options);
            return routing;
        }
        catch (ArgumentException exception)
        {
            throw new BadInputException(exception.Message.Split(" (Parameter", 2)[0], exception);
        }
    }
}
