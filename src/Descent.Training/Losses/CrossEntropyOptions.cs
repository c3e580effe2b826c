using Descent.Optimizers;

namespace Descent.Training.Losses;

/// <summary>Cross entropy between logits z and class numbers t: −log softmax(z)ₜ, in nats.</summary>
/// <remarks>
/// With label smoothing ε over K classes: (1−ε)(lse − zₜ) + ε(lse − mean z), Szegedy et al. 2016 (arXiv 1512.00567), as PyTorch's. With a z-loss
/// λ·lse² is added, which keeps the logits' scale from drifting (Chowdhery et al. 2022, PaLM, arXiv 2204.02311, there λ = 1e-4).
/// </remarks>
public sealed record CrossEntropyOptions : LossOptions
{
    /// <inheritdoc/>
    public override string Kind => "cross_entropy";

    /// <summary>ε, the share of every target that is spread over all classes, [0, 1). Default 0.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public double LabelSmoothing
    {
        get;
        init => field = Require.Decay(value);
    }

    /// <summary>Targets of this number are not counted. Default −100 (PyTorch's).</summary>
    public long IgnoreIndex { get; init; } = -100;

    /// <summary>λ of the z-loss, at least 0. Default 0 (off).</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public double ZLoss
    {
        get;
        init => field = Require.AtLeastZero(value);
    }

    /// <inheritdoc/>
    public override Loss Build() => new CrossEntropy(this);
}
