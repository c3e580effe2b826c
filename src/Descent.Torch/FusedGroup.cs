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
    /// The group's name: what it carries as a whole (<see cref="FusedOptimizer.SharedStates"/>) is saved under it. Null: the group's number.
    /// </summary>
    public string? Name { get; init; }

    /// <summary>
    /// The names of parameters that weight decay, <see cref="StepRequest.L1"/> and <see cref="StepRequest.L2"/> leave alone: norms and biases. Default: none.
    /// </summary>
    public IReadOnlySet<string> Exempt { get; init; } = FrozenSet<string>.Empty;

    /// <summary>What each parameter does in its model, by name, as far as it is known: embeddings keep states in full precision. Default: nothing is known.</summary>
    public IReadOnlyDictionary<string, ParameterRole> Roles { get; init; } = FrozenDictionary<string, ParameterRole>.Empty;

    /// <summary>
    /// Row counts of matrices that are stacked into one parameter (query, key and value), by name; they add up to the rows of the parameter's first
    /// dimension. A parameter that is not listed is one matrix. Default: none is listed.
    /// </summary>
    public IReadOnlyDictionary<string, long[]> StackedRows { get; init; } = FrozenDictionary<string, long[]>.Empty;

    /// <summary>
    /// Rows of one attention head in the query and key parts of a parameter, by name. Where three matrices are stacked, the first two are in heads; where
    /// one is listed alone, all of it is. A parameter that is not listed has no heads. Default: none is listed.
    /// </summary>
    public IReadOnlyDictionary<string, long> HeadRows { get; init; } = FrozenDictionary<string, long>.Empty;
}
