using Descent.Optimizers;

namespace Descent.Training.Losses;

/// <summary>
/// A weighted sum of losses of the same outputs and targets, each reported under its name:
/// <c>loss: { kind: sum, terms: [{ kind: mean_squared_error }, { kind: huber, name: robust, weight: 0.5 }] }</c>.
/// </summary>
public sealed record SumOptions : LossOptions
{
    /// <inheritdoc/>
    public override string Kind => "sum";

    /// <summary>The terms, at least one; two terms of one kind need different names.</summary>
    /// <exception cref="ArgumentException">No term, or a sum among them.</exception>
    public IReadOnlyList<LossOptions> Terms
    {
        get;
        init => field = value is { Count: > 0 } && value.All(term => term is not (null or SumOptions))
            ? value
            : throw Require.Refused(nameof(Terms), "is empty or holds a sum; allowed: at least one loss, none of kind sum");
    } = [];

    /// <inheritdoc/>
    public override Loss Build()
    {
        if (Terms.Count == 0)
        {
            throw new BadInputException("loss.kind sum needs loss.terms, a list of losses, each with kind, weight and name.");
        }

        string? twice = Terms.GroupBy(term => term.Name ?? term.Kind).FirstOrDefault(group => group.Count() > 1)?.Key;
        return twice is null
            ? new SumLoss(Name ?? Kind, [.. Terms.Select(term => (term.Build(), term.Weight))])
            : throw new BadInputException($"loss.terms has more than one term named '{twice}'; give each a name of its own.");
    }
}
