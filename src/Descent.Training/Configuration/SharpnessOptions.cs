using Descent.Optimizers;
using Descent.Torch;

namespace Descent.Training.Configuration;

/// <summary>Sharpness-aware minimization around any optimizer (<see cref="SharpnessAware"/>): two passes a step, the second where the first climbs to.</summary>
public sealed record SharpnessOptions
{
    /// <summary>ρ, at least 0: how far a step climbs before its gradient is taken; 0 does not. Default 0. Foret et al. 2021 take 0.05, Kwon et al. 2021 0.5 to 2 for the adaptive form.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public double Rho { get; init => field = Require.AtLeastZero(value); }

    /// <summary>Whether every weight climbs in proportion to its own size squared, so that rescaled layers are equally sharp (Kwon et al. 2021). Default: false.</summary>
    public bool Adaptive { get; init; }

    /// <summary>η of the adaptive form, at least 0: added to every weight's size. Default 0.01 (Kwon et al.).</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public double Eta { get; init => field = Require.AtLeastZero(value); } = 0.01;
}
