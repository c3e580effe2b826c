namespace Descent.Optimizers;

/// <summary>
/// Prodigy, AdamW that finds its rate: with d the estimated distance to the solution, m ← β₁m + (1−β₁)dg, v ← β₂v + (1−β₂)d²g²,
/// r ← β₃r + (d/d₀)γd·⟨g, θ₀ − θ⟩, s ← β₃s + (d/d₀)γd·g, d' = max(d, c·r/‖s‖₁), θ ← (1 − γdλ)θ − γd·m/(√v + d'ε).
/// Mishchenko and Defazio, "Prodigy: An Expeditiously Adaptive Parameter-Free Learner", 2024 (arXiv 2306.06101), algorithm 4.
/// </summary>
/// <remarks>
/// <para>Follows the authors' package <c>prodigyopt</c>, which scales the paper's r and s by d₀; its bias correction is off by default and its decay decoupled.
/// d is one number for a parameter group, where the package has one for all groups: keep parameters in one group unless they shall find rates of their own.
/// Sums that are not finite leave d as it was. At a rate of 0 nothing happens, as in the package. The package's <c>slice_p</c> is 1 here: all elements count.</para>
/// <para>Two passes: the first brings m, v and s forward and sums, the second moves the parameter.</para>
/// </remarks>
public sealed record ProdigyOptions : OptimizerOptions
{
    private static readonly IReadOnlyList<StateTensor> States =
        [new("exp_avg"), new("exp_avg_sq") { NonNegative = true }, new("s"), new("p0") { StartsAsParameter = true }];

    // d is 0 until the first step, and d₀ then.
    private static readonly IReadOnlyList<(string Name, double InitialValue)> Estimate = [("d", 0), ("d_max", 0), ("d_numerator", 0)];

    /// <summary>γ = 1, a factor of the rate that is found, and λ = 0: the defaults of <c>prodigyopt</c>.</summary>
    public ProdigyOptions() => LearningRate = 1;

    /// <inheritdoc/>
    public override string Kind => "prodigy";

    /// <inheritdoc/>
    public override UpdateScope Scope => UpdateScope.Group;

    /// <inheritdoc/>
    public override bool OwnWeightDecay => true;

    /// <summary>β₁, 0 ≤ β₁ &lt; 1: how slowly the mean of gradients moves. Default 0.9 (the authors').</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public double Beta1 { get; init => field = Require.Decay(value); } = 0.9;

    /// <summary>β₂, 0 ≤ β₂ &lt; 1: how slowly the mean of squares moves. Default 0.999 (the authors').</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public double Beta2 { get; init => field = Require.Decay(value); } = 0.999;

    /// <summary>β₃, 0 ≤ β₃ &lt; 1: how slowly the sums behind d move. Default none: √β₂ (the authors').</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public double? Beta3 { get; init => field = value is { } given ? Require.Decay(given) : null; }

    /// <summary>ε, above 0, added to the root in units of d. Default 1e-8 (the authors').</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not above 0.</exception>
    public double Epsilon { get; init => field = Require.Positive(value); } = 1e-8;

    /// <summary>d₀, above 0: the first estimate, which only has to be small. Default 1e-6 (the authors').</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not above 0.</exception>
    public double InitialDistance { get; init => field = Require.Positive(value); } = 1e-6;

    /// <summary>c, above 0: the estimate's factor, the setting to turn where one is needed; 0.5 and 2 are typical. Default 1 (the authors' <c>d_coef</c>).</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not above 0.</exception>
    public double Coefficient { get; init => field = Require.Positive(value); } = 1;

    /// <summary>The largest factor by which d grows in a step, above 1: 1.02 acts like a warm-up. Default none: no bound (the authors').</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not above 1.</exception>
    public double? GrowthRate { get; init => field = value is null or > 1 ? value : throw Require.Outside(nameof(GrowthRate), value, "a number above 1, or none"); }

    /// <summary>Multiply the rate by √(1−β₂ᵗ)/(1−β₁ᵗ), as Adam does. Default false (the authors').</summary>
    public bool BiasCorrection { get; init; }

    /// <summary>Leave the rate out of s, so that a long warm-up does not inflate the estimate. Default false (the authors').</summary>
    public bool SafeguardWarmup { get; init; }

    /// <inheritdoc/>
    public override IReadOnlyList<StateTensor> State => States;

    /// <inheritdoc/>
    public override IReadOnlyList<(string Name, double InitialValue)> SharedState => Estimate;

    /// <inheritdoc/>
    public override void Advance(Span<double> shared, in StepScalars scalars)
    {
        if (shared[0] == 0)
        {
            (shared[0], shared[1]) = (InitialDistance, InitialDistance);
        }
    }

    /// <inheritdoc/>
    public override UpdateKernel CreateKernel() => new TensorKernel<ProdigyRule>(this, (scalars, _) => new ProdigyRule(this, scalars));
}
