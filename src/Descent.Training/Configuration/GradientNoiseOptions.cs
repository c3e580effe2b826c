using Descent.Optimizers;

namespace Descent.Training.Configuration;

/// <summary>
/// Gaussian noise on the clipped mean gradient, of variance η/(1+t)^γ (<see cref="GradientNoise"/>; Neelakantan et al. 2015). Its numbers depend on seed, step,
/// parameter and element alone.
/// </summary>
public sealed record GradientNoiseOptions
{
    /// <summary>η, at least 0: the variance at the first step. Default 0.01 (the smallest of the paper's 0.01, 0.3 and 1).</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public double Eta { get; init => field = Require.AtLeastZero(value); } = 0.01;

    /// <summary>γ, at least 0: how fast it falls. Default 0.55 (the paper's).</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public double Gamma { get; init => field = Require.AtLeastZero(value); } = 0.55;
}
