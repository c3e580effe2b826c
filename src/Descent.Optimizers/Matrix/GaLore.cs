namespace Descent.Optimizers;

/// <summary>
/// GaLore: Adam in a subspace of the gradient. Every <see cref="ProjectionGap"/> steps P becomes the leading singular vectors of the smaller side of g;
/// r = gP (or Pᵀg), n = Adam's direction of r, θ ← θ − γ·α·nPᵀ (or αPn).
/// Zhao et al., "GaLore: Memory-Efficient LLM Training by Gradient Low-Rank Projection", 2024, algorithm 2.
/// </summary>
/// <remarks>
/// Singular vectors come from the eigenvectors of gᵀg (or ggᵀ), and each has the sign that points along the one it replaces: a decomposition leaves signs open, and moments
/// are kept across a change of subspace. Deviations from the authors' code: ε stands beside the bias-corrected root, and decay comes before the step.
/// </remarks>
public sealed record GaLoreOptions : MatrixOptions
{
    /// <summary>γ = 0.01, the rate of the authors' examples, and λ = 0.</summary>
    public GaLoreOptions() => LearningRate = 0.01;

    /// <inheritdoc/>
    public override string Kind => "galore";

    /// <summary>Dimensions of the subspace, at least 1; never more than the smaller side. Default 128 (the authors').</summary>
    /// <exception cref="ArgumentOutOfRangeException">Below 1.</exception>
    public int Rank { get; init => field = Require.AtLeast(1, value); } = 128;

    /// <summary>Steps from one subspace to the next, at least 1. Default 200 (the paper's).</summary>
    /// <exception cref="ArgumentOutOfRangeException">Below 1.</exception>
    public int ProjectionGap { get; init => field = Require.AtLeast(1, value); } = 200;

    /// <summary>α, above 0. Default 0.25 (the paper's).</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not above 0.</exception>
    public double Scale { get; init => field = Require.Positive(value); } = 0.25;

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
        new("projection", (rows, columns) => (Math.Min(rows, columns), LowRank.Rank(Rank, rows, columns))),
    ];

    /// <inheritdoc/>
    public override MatrixRule CreateRule() => new GaLoreRule(this);
}

internal sealed class GaLoreRule(GaLoreOptions options) : MatrixRule
{
    private readonly UpdateKernel _adam = UpdateKernel.TwoStates(new MatrixPass(2), scalars => new AdamDirection(
        options.Beta1, options.Beta2, options.Epsilon,
        1 / (1 - Math.Pow(options.Beta1, scalars.Step)), 1 / Math.Sqrt(1 - Math.Pow(options.Beta2, scalars.Step))));

    public override MatrixMove<TMatrix> Move<TMatrix>(IMatrixProvider<TMatrix> provider, MatrixStep<TMatrix> step)
    {
        (_, long rows, long columns) = provider.ShapeOf(step.Gradient);
        TMatrix projection = step.States[2]!;
        if ((step.Scalars.Step - 1) % options.ProjectionGap == 0)
        {
            Turn(provider, step.Gradient, projection);
        }

        TMatrix low = LowRank.Project(provider, step.Gradient, projection);
        (_, long lowRows, long lowColumns) = provider.ShapeOf(low);
        TMatrix update = provider.Block(low, 0, lowRows, 0, lowColumns);
        provider.Pass(_adam, step.Scalars, update, low, step.States[0]!, step.States[1]!);
        return new(LowRank.Back(provider, update, projection, LowRank.FromRight(rows, columns)), options.Scale);
    }

    private void Turn<TMatrix>(IMatrixProvider<TMatrix> provider, TMatrix gradient, TMatrix projection) where TMatrix : class
    {
        (long count, long rows, long columns) = provider.ShapeOf(gradient);
        TMatrix transposed = provider.Transpose(gradient);
        TMatrix gram = LowRank.FromRight(rows, columns) ? provider.Multiply(transposed, gradient) : provider.Multiply(gradient, transposed);
        long side = Math.Min(rows, columns), rank = LowRank.Rank(options.Rank, rows, columns);
        (_, TMatrix vectors) = provider.Eigen(gram);
        long[] leading = new long[count * rank];
        for (int i = 0; i < leading.Length; i++)
        {
            leading[i] = side - 1 - (i % rank); // eigenvalues ascend
        }

        TMatrix next = provider.Select(vectors, leading, MatrixAxis.Columns);
        double[] signs = [.. provider.Dots(next, projection, MatrixAxis.Columns).Select(static dot => dot < 0 ? -1.0 : 1.0)];
        provider.Scale(next, signs, MatrixAxis.Columns);
        provider.Copy(next, projection);
    }
}
