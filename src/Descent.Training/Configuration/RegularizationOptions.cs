using Descent.Optimizers;

namespace Descent.Training.Configuration;

/// <summary>Penalties and noise against over-fitting. Decoupled weight decay is the optimizer's own setting.</summary>
/// <remarks>
/// L1 adds λ₁·Σ|w| and L2 adds λ₂/2·Σw² to the loss, over matrices and embeddings; norms and biases are left alone. With both it is the elastic
/// net. Their gradients, λ₁·sign(w) + λ₂·w, are folded into the optimizer's pass.
/// </remarks>
public sealed record RegularizationOptions
{
    /// <summary>The probability of zeroing an activation in training; null keeps the model's own.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public double? Dropout
    {
        get;
        init => field = value is { } given ? Require.Decay(given) : null;
    }

    /// <summary>λ₁, the weight of Σ|w|.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public double L1
    {
        get;
        init => field = Require.AtLeastZero(value);
    }

    /// <summary>λ₂, the weight of Σw²/2.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public double L2
    {
        get;
        init => field = Require.AtLeastZero(value);
    }
}
