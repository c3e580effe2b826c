using System.Collections.Frozen;
using TorchSharp.Modules;
using RuleOptions = Descent.Optimizers.OptimizerOptions;

namespace Descent.Torch;

/// <summary>Named parameters that share one rule and its options.</summary>
/// <param name="Parameters">Each with the name under which its state is kept, as <c>named_parameters()</c> gives them.</param>
/// <param name="Options">The rule and its options; their learning rate and weight decay are this group's own.</param>
public sealed record FusedGroup(IEnumerable<(string Name, Parameter Parameter)> Parameters, RuleOptions Options)
{
    /// <summary>
    /// The names of parameters that weight decay, <see cref="StepRequest.L1"/> and <see cref="StepRequest.L2"/> leave alone: norms and biases. Default: none.
    /// </summary>
    public IReadOnlySet<string> Exempt { get; init; } = FrozenSet<string>.Empty;
}
