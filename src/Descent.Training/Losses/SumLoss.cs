using TorchSharp;
using static TorchSharp.torch;

namespace Descent.Training.Losses;

/// <summary>Σ weight · term, over the targets that the first term counts.</summary>
/// <remarks>
/// A term that counts other targets than the first is not scaled to a mean of its own: the factor would depend on how samples fall into micro-batches, and
/// accumulated gradients would not be those of the large batch.
/// </remarks>
internal sealed class SumLoss(string name, IReadOnlyList<(Loss Loss, double Weight)> terms) : Loss
{
    public override string Name => name;

    public override LossValue Compute(Tensor outputs, Tensor targets)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor? total = null;
        long count = 0;
        List<LossTerm> reported = [];
        foreach ((Loss loss, double weight) in terms)
        {
            LossValue value = loss.Compute(outputs, targets);
            if (total is null)
            {
                count = value.Count;
            }

            using var factor = weight.ToScalar();
            Tensor weighted = value.Sum.mul(factor);
            total = total is null ? weighted : total.add(weighted);
            reported.AddRange(value.Terms.Select(term => term with { Weight = weight }));
        }

        foreach (LossTerm term in reported)
        {
            term.Sum.MoveToOuterDisposeScope();
        }

        return new LossValue(total!.MoveToOuterDisposeScope(), count, reported);
    }
}
