namespace Descent.Optimizers;

/// <summary>
/// APOLLO: plain gradients, scaled as Adam would scale them. r = gP (or Pᵀg) with random P, n = Adam's direction of r; every channel of g, or all of it, is multiplied by
/// s = ‖n‖/‖r‖ of that channel, and θ ← θ − γ·√α·s·g. A step whose norm grew by more than a hundredth is shortened to that (Chen et al., "Fira", 2024).
/// Zhu et al., "APOLLO: SGD-like Memory, AdamW-level Performance", 2025, algorithm 1; APOLLO-Mini is rank 1 with one scale for the tensor.
/// </summary>
/// <remarks>
/// P is never saved: its numbers are a function of <see cref="ProjectionSeed"/>, the parameter's name and how often it was redrawn, with variance 1/rank. As in the
/// authors' code n is without bias correction and the rate carries √(1−β₂ᵗ)/(1−β₁ᵗ). Deviations: decay comes before the step, and after a step of norm 0 nothing is limited.
/// </remarks>
public sealed record ApolloOptions : MatrixOptions
{
    /// <summary>γ = 0.01, the rate of the authors' scripts, and λ = 0.</summary>
    public ApolloOptions() => LearningRate = 0.01;

    /// <summary>APOLLO-Mini: rank 1, one scale for the whole tensor, α = 128 (the authors').</summary>
    public static ApolloOptions Mini => new() { Rank = 1, Scaling = ApolloScaling.Tensor, Scale = 128 };

    /// <inheritdoc/>
    public override string Kind => Scaling == ApolloScaling.Tensor ? "apollo_mini" : "apollo";

    /// <summary>Dimensions of the random subspace, at least 1; never more than the smaller side. Default 256 (the authors').</summary>
    /// <exception cref="ArgumentOutOfRangeException">Below 1.</exception>
    public int Rank { get; init => field = Require.AtLeast(1, value); } = 256;

    /// <summary>Steps from one random subspace to the next, at least 1. Default 200 (the authors').</summary>
    /// <exception cref="ArgumentOutOfRangeException">Below 1.</exception>
    public int ProjectionGap { get; init => field = Require.AtLeast(1, value); } = 200;

    /// <summary>α, above 0; the step is multiplied by its root. Default 1 (the authors').</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not above 0.</exception>
    public double Scale { get; init => field = Require.Positive(value); } = 1;

    /// <summary>What has a scale of its own. Default: <see cref="ApolloScaling.Channel"/>.</summary>
    public ApolloScaling Scaling { get; init; }

    /// <summary>By what factor the step's norm may grow, at least 1. Default 1.01 (the authors').</summary>
    /// <exception cref="ArgumentOutOfRangeException">Below 1.</exception>
    public double NormGrowth { get; init => field = value >= 1 && double.IsFinite(value) ? value : throw Require.Outside(nameof(NormGrowth), value, "a finite number of at least 1"); } = 1.01;

    /// <summary>What the random subspaces are derived from. Default 0.</summary>
    public long ProjectionSeed { get; init; }

    /// <summary>β₁, 0 ≤ β₁ &lt; 1. Default 0.9 (the authors').</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public double Beta1 { get; init => field = Require.Decay(value); } = 0.9;

    /// <summary>β₂, 0 ≤ β₂ &lt; 1. Default 0.999 (the authors').</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public double Beta2 { get; init => field = Require.Decay(value); } = 0.999;

    /// <summary>ε, at least 0. Default 1e-6 (the authors').</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative or not finite.</exception>
    public double Epsilon { get; init => field = Require.AtLeastZero(value); } = 1e-6;

    /// <inheritdoc/>
    public override IReadOnlyList<MatrixState> States =>
    [
        new("exp_avg", (rows, columns) => LowRank.Shape(Rank, rows, columns)),
        new("exp_avg_sq", (rows, columns) => LowRank.Shape(Rank, rows, columns)) { NonNegative = true },
        new("scaled_grad", static (_, _) => (1, 1)) { NonNegative = true },
    ];

    /// <inheritdoc/>
    public override MatrixRule CreateRule() => new ApolloRule(this);
}

internal sealed class ApolloRule(ApolloOptions options) : MatrixRule
{
    private const double Tiny = 1e-8; // the authors' guard against a norm of 0

    private readonly UpdateKernel _adam = UpdateKernel.TwoStates(
        new MatrixPass(2), _ => new AdamDirection(options.Beta1, options.Beta2, options.Epsilon, 1, 1));

    public override MatrixMove<TMatrix> Move<TMatrix>(IMatrixProvider<TMatrix> provider, MatrixStep<TMatrix> step)
    {
        (_, long rows, long columns) = provider.ShapeOf(step.Gradient);
        long rank = LowRank.Rank(options.Rank, rows, columns), redraw = (step.Scalars.Step - 1) / options.ProjectionGap;
        ulong[] keys = [.. step.Names.Select(name => Projections.Key(options.ProjectionSeed, redraw, name))];
        TMatrix projection = provider.Gaussian(keys, Math.Min(rows, columns), rank, 1 / Math.Sqrt(rank), step.Gradient);
        TMatrix low = LowRank.Project(provider, step.Gradient, projection);
        (_, long lowRows, long lowColumns) = provider.ShapeOf(low);
        TMatrix update = provider.Block(low, 0, lowRows, 0, lowColumns);
        provider.Pass(_adam, step.Scalars, update, low, step.States[0]!, step.States[1]!);

        MatrixAxis axis = options.Scaling == ApolloScaling.Tensor ? MatrixAxis.Whole : LowRank.FromRight(rows, columns) ? MatrixAxis.Rows : MatrixAxis.Columns;
        double[] factors = [.. provider.Dots(update, update, axis).Zip(provider.Dots(low, low, axis), static (n, r) => Math.Sqrt(n) / (Math.Sqrt(r) + Tiny))];
        provider.Scale(step.Gradient, factors, axis);
        provider.Scale(step.Gradient, Limit(provider, step), MatrixAxis.Whole);
        double correction = Math.Sqrt(1 - Math.Pow(options.Beta2, step.Scalars.Step)) / (1 - Math.Pow(options.Beta1, step.Scalars.Step));
        return new(step.Gradient, Math.Sqrt(options.Scale) * correction);
    }

    private double[] Limit<TMatrix>(IMatrixProvider<TMatrix> provider, MatrixStep<TMatrix> step) where TMatrix : class
    {
        double[] before = provider.Read(step.States[2]!);
        double[] norms = [.. provider.Dots(step.Gradient, step.Gradient, MatrixAxis.Whole).Select(Math.Sqrt)];
        double[] limits = [.. norms.Zip(before, (now, last) => last > 0 ? options.NormGrowth / Math.Max(now / (last + Tiny), options.NormGrowth) : 1)];
        provider.Write(step.States[2]!, [.. norms.Zip(limits, static (norm, limit) => norm * limit)]);
        return limits;
    }
}
