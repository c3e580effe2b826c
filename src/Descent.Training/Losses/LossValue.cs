using static TorchSharp.torch;

namespace Descent.Training.Losses;

/// <summary>The loss of one batch. Mean = <see cref="Sum"/> / <see cref="Count"/>.</summary>
/// <param name="Sum">Sum over counted targets, a scalar; part of the graph where gradients are recorded.</param>
/// <param name="Count">Number of counted targets: ignored ones are left out.</param>
/// <param name="Terms">The named terms of the sum: their unweighted sums, detached, and the factors they enter with.</param>
public sealed record LossValue(Tensor Sum, long Count, IReadOnlyList<LossTerm> Terms) : IDisposable
{
    /// <summary>Mean over counted targets; 0 when none was counted.</summary>
    public double Mean => Count == 0 ? 0 : Read(Sum) / Count;

    /// <summary>Frees the tensors.</summary>
    public void Dispose()
    {
        Sum.Dispose();
        foreach (LossTerm term in Terms)
        {
            term.Sum.Dispose();
        }
    }

    private static double Read(Tensor scalar)
    {
        using Tensor detached = scalar.detach();
        using Tensor wide = detached.to_type(ScalarType.Float64);
        return wide.item<double>();
    }
}

/// <summary>One named term of a loss.</summary>
/// <param name="Name">Its name in reports and metrics.</param>
/// <param name="Weight">The factor it enters the total with.</param>
/// <param name="Sum">Its unweighted sum over counted targets, a detached scalar.</param>
/// <param name="Count">Number of targets counted in it.</param>
public sealed record LossTerm(string Name, double Weight, Tensor Sum, long Count);
