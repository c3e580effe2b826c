using TorchSharp;
using static TorchSharp.torch;

namespace Descent.Training.Losses;

/// <summary>Σ weight · term. The count is the first term's; a term that counts differently enters with its own mean.</summary>
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

            double scale = value.Count == count ? weight : weight * count / Math.Max(1, value.Count);
            using var factor = scale.ToScalar();
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
