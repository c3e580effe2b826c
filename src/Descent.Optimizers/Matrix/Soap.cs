namespace Descent.Optimizers;

/// <summary>
/// SOAP: Adam in the eigenbasis of Shampoo's preconditioner. L ← βL + (1−β)ggᵀ, R ← βR + (1−β)gᵀg, with their eigenvectors Q_L and Q_R:
/// m ← β₁m + (1−β₁)g, v ← β₂v + (1−β₂)g̃², θ ← θ − γ·Q_L [m̂̃/(√v̂ + ε)] Q_Rᵀ, where x̃ = Q_Lᵀ x Q_R.
/// Vyas et al., "SOAP: Improving and Stabilizing Shampoo using Adam", 2024, algorithm 3.
/// </summary>
/// <remarks>
/// <para>The bases are refreshed every few steps by one power iteration and a QR decomposition, Q ← QR(LQ), after the step, so that a gradient never meets a
/// basis that it shaped (algorithm 4; columns are put in order of their estimated eigenvalues first, and v with them, as in the authors' code). The first step only
/// finds the bases and moves nothing, decay included.</para>
/// <para>A side longer than <see cref="MaxPreconditionerSize"/> is not rotated (the paper's one-sided form, section 7.1). m is kept unrotated, as in the paper.
/// Deviations: ε stands beside the bias-corrected root, as in Adam here (the authors: beside the uncorrected one), and decay comes before the step.</para>
/// </remarks>
public sealed record SoapOptions : MatrixOptions
{
    /// <summary>γ = 3e-3 and λ = 0.01, the authors' defaults.</summary>
    public SoapOptions()
    {
        LearningRate = 3e-3;
        WeightDecay = 0.01;
    }

    /// <inheritdoc/>
    public override string Kind => "soap";

    /// <summary>β₁, 0 ≤ β₁ &lt; 1: how slowly the mean of gradients moves. Default 0.95 (the authors').</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public double Beta1 { get; init => field = Require.Decay(value); } = 0.95;

    /// <summary>β₂, 0 ≤ β₂ &lt; 1: how slowly the mean of squares moves. Default 0.95 (the authors').</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public double Beta2 { get; init => field = Require.Decay(value); } = 0.95;

    /// <summary>β, 0 ≤ β &lt; 1: how slowly L and R move. Default 0.95 (the authors': as β₂).</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public double PreconditionerBeta { get; init => field = Require.Decay(value); } = 0.95;

    /// <summary>ε, at least 0, added after bias correction. Default 1e-8 (the authors').</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative or not finite.</exception>
    public double Epsilon { get; init => field = Require.AtLeastZero(value); } = 1e-8;

    /// <summary>Steps from one refresh of the bases to the next, at least 1. Default 10 (the authors').</summary>
    /// <exception cref="ArgumentOutOfRangeException">Below 1.</exception>
    public int PreconditionEvery { get; init => field = Require.AtLeast(1, value); } = 10;

    /// <summary>The longest side that is rotated, at least 1. Default 10,000 (the authors').</summary>
    /// <exception cref="ArgumentOutOfRangeException">Below 1.</exception>
    public int MaxPreconditionerSize { get; init => field = Require.AtLeast(1, value); } = 10_000;

    /// <inheritdoc/>
    public override IReadOnlyList<MatrixState> States =>
    [
        new("exp_avg"),
        new("exp_avg_sq") { NonNegative = true },
        new("L", (rows, _) => Square(rows)),
        new("R", (_, columns) => Square(columns)),
        new("Q_L", (rows, _) => Square(rows)),
        new("Q_R", (_, columns) => Square(columns)),
    ];

    /// <inheritdoc/>
    public override MatrixRule CreateRule() => new SoapRule(this);

    private (long Rows, long Columns) Square(long side) => side > MaxPreconditionerSize ? (0, 0) : (side, side);
}

internal sealed class SoapRule(SoapOptions options) : MatrixRule
{
    private readonly UpdateKernel _mean = UpdateKernel.Stateless(new MatrixPass(0), _ => new FollowRule(options.Beta1));
    private readonly UpdateKernel _adam = UpdateKernel.OneState(
        new MatrixPass(1), scalars => AdaptiveDirection.Corrected(options.Beta1, options.Beta2, options.Epsilon, scalars.Step));

    public override bool Moves(long step) => step > 1;

    public override MatrixMove<TMatrix> Move<TMatrix>(IMatrixProvider<TMatrix> provider, MatrixStep<TMatrix> step)
    {
        (TMatrix mean, TMatrix square) = (step.States[0]!, step.States[1]!);
        TMatrix?[] factors = [step.States[2], step.States[3]], bases = [step.States[4], step.States[5]];
        if (step.Scalars.Step == 1)
        {
            Eigenbases.UpdateFactors(provider, step.Gradient, factors, options.PreconditionerBeta);
            Eigenbases.Initialize(provider, factors, bases);
            return new(null);
        }

        StepScalars scalars = step.Scalars with { Step = step.Scalars.Step - 1 };
        provider.Pass(_mean, scalars, mean, step.Gradient);
        TMatrix update = Eigenbases.Rotate(provider, mean, bases, back: false);
        TMatrix gradient = Eigenbases.Rotate(provider, step.Gradient, bases, back: false);
        provider.Pass(_adam, scalars, update, gradient, square);
        provider.Release(gradient);
        TMatrix direction = Eigenbases.Rotate(provider, update, bases, back: true);
        provider.Release(update);
        Eigenbases.UpdateFactors(provider, step.Gradient, factors, options.PreconditionerBeta);
        if (scalars.Step % options.PreconditionEvery == 0)
        {
            Eigenbases.Refresh(provider, factors, bases, square);
        }

        return new(direction);
    }
}
