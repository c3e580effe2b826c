using RuleOptions = Descent.Optimizers.OptimizerOptions;

namespace Descent.Torch;

/// <summary>One group of an optimizer, and where its options come from.</summary>
/// <param name="Group">The parameters and their options.</param>
/// <param name="Pattern">The number of the <see cref="ParameterGroup"/> that took them; null for what none took.</param>
/// <param name="IsCompanion">Whether they take the companion of a rule for matrices.</param>
public sealed record Route(FusedGroup Group, int? Pattern, bool IsCompanion)
{
    /// <summary>What rescales the options of this group; null: nothing.</summary>
    public IRuleScaling? Scaling { get; init; }

    /// <summary>How <see cref="Scaling"/> does it.</summary>
    public RuleScale Scale { get; init; } = RuleScale.None;

    /// <summary>The group's name.</summary>
    public string Name => Group.Name!;

    /// <summary>The group's options, as they follow from the common ones and the list of groups: what a schedule of settings computes anew.</summary>
    /// <param name="common">The common options.</param>
    /// <param name="groups">The list that the routing was made with, with the same length.</param>
    public RuleOptions OptionsFrom(RuleOptions common, IReadOnlyList<ParameterGroup> groups)
    {
        ArgumentNullException.ThrowIfNull(common);
        ArgumentNullException.ThrowIfNull(groups);
        ParameterGroup? group = Pattern is { } index ? groups[index] : null;
        RuleOptions options = group?.Optimizer ?? common;
        options = IsCompanion ? options.Companion! : options;
        options = group?.Adapt(options) ?? options;
        return Scaling?.Apply(options, Scale) ?? options;
    }
}
