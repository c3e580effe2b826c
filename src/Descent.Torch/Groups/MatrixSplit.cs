using TorchSharp.Modules;

namespace Descent.Torch;

/// <summary>Parts a group whose rule is for matrices only: what is no hidden matrix takes the rule's companion.</summary>
internal static class MatrixSplit
{
    /// <summary>One group of matrices and one of the rest, as far as there are any; the group itself where its rule takes everything.</summary>
    /// <exception cref="ArgumentException">A parameter is no hidden matrix and the rule has no companion.</exception>
    public static IEnumerable<FusedGroup> Of(FusedGroup group)
    {
        if (!group.Options.MatricesOnly)
        {
            return [group];
        }

        ILookup<bool, (string Name, Parameter Parameter)> parts = group.Parameters.ToLookup(entry => ParameterRoles.TakesMatrixRule(
            group.Roles.TryGetValue(entry.Name, out ParameterRole role) ? role : null, entry.Parameter.dim()));
        if (!parts[false].Any())
        {
            return [group with { Parameters = parts[true] }];
        }

        FusedGroup rest = group with
        {
            Parameters = parts[false],
            Name = group.Name is { } name ? $"{name}-companion" : null,
            Options = group.Options.Companion ?? throw new ArgumentException(
                $"'{group.Options.Kind}' updates hidden matrices only; '{parts[false].First().Name}' is none and the rule has no companion. "
                + "Set one, or put that parameter into a group with another rule.",
                nameof(group)),
        };
        return parts[true].Any() ? [group with { Parameters = parts[true] }, rest] : [rest];
    }
}
