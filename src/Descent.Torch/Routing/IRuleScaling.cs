using RuleOptions = Descent.Optimizers.OptimizerOptions;

namespace Descent.Torch;

/// <summary>Rescales rules parameter by parameter, as a parametrization of the model asks: parameters of a group that are scaled alike become a group of their own.</summary>
public interface IRuleScaling
{
    /// <summary>How a parameter's rule is scaled.</summary>
    /// <param name="parameter">The parameter's name.</param>
    /// <param name="shape">Its shape.</param>
    /// <param name="options">The rule that it is routed to.</param>
    /// <exception cref="ArgumentException">It isn't known how such a rule is to be scaled.</exception>
    RuleScale ScaleOf(string parameter, IReadOnlyList<long> shape, RuleOptions options);

    /// <summary>The scaled settings.</summary>
    /// <param name="options">The settings of the run.</param>
    /// <param name="scale">One of <see cref="ScaleOf"/>'s, for the same rule.</param>
    RuleOptions Apply(RuleOptions options, RuleScale scale);
}
