using System.Runtime.CompilerServices;

namespace Descent.Optimizers;

/// <summary>
/// Muon: B ← μB + (1−μ)g, U = (1−μ)g + μB (Nesterov) or B, θ ← (1−γλ)θ − γ·a·O(U), where O makes the nearest semi-orthogonal matrix by
/// Newton–Schulz steps and a adjusts the rate to the shape.
/// Jordan et al., "Muon: An optimizer for hidden layers in neural networks", 2024; Liu et al., "Muon is Scalable for LLM Training", 2025.
/// </summary>
/// <remarks>
/// The formula of <c>torch.optim.Muon</c> (PyTorch 2.9 and later), with three differences: products are in the parameter's precision and not in bfloat16,
/// stacked query, key and value are orthogonalised one by one, and filters of convolutions are rows. Parameters that are no hidden matrices take
/// <see cref="MatrixOptions.Fallback"/>.
/// </remarks>
public sealed record MuonOptions : MatrixOptions
{
    private static readonly IReadOnlyList<MatrixState> Kept = [new("momentum_buffer") { InFront = true }];

    /// <summary>γ = 1e-3 and λ = 0.1, the defaults of <c>torch.optim.Muon</c>.</summary>
    public MuonOptions()
    {
        LearningRate = 1e-3;
        WeightDecay = 0.1;
    }

    /// <inheritdoc/>
    public override string Kind => "muon";

    /// <summary>μ, 0 ≤ μ &lt; 1. Default 0.95 (PyTorch's).</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public double Momentum { get; init => field = Require.Decay(value); } = 0.95;

    /// <summary>Look ahead by one step of momentum. Default true (PyTorch's).</summary>
    public bool Nesterov { get; init; } = true;

    /// <summary>Newton–Schulz steps, 1 to 99. Default 5 (PyTorch's).</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public int NewtonSchulzSteps { get; init => field = Require.Between(1, 99, value); } = 5;

    /// <summary>a of the Newton–Schulz step. Default 3.4445 (Jordan's, PyTorch's).</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not finite.</exception>
    public double CoefficientA { get; init => field = Require.Finite(value); } = 3.4445;

    /// <summary>b of the Newton–Schulz step. Default −4.775 (Jordan's, PyTorch's).</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not finite.</exception>
    public double CoefficientB { get; init => field = Require.Finite(value); } = -4.775;

    /// <summary>c of the Newton–Schulz step. Default 2.0315 (Jordan's, PyTorch's).</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not finite.</exception>
    public double CoefficientC { get; init => field = Require.Finite(value); } = 2.0315;

    /// <summary>ε, above 0: the least norm that U is divided by. Default 1e-7 (PyTorch's).</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not above 0.</exception>
    public double Epsilon { get; init => field = Require.Positive(value); } = 1e-7;

    /// <summary>
    /// How the rate follows the shape. Default <see cref="MuonRate.MatchRmsAdamw"/> (Liu et al.), with which AdamW's rate serves; PyTorch's own default is
    /// <see cref="MuonRate.Original"/>.
    /// </summary>
    public MuonRate RateAdjustment { get; init; } = MuonRate.MatchRmsAdamw;

    /// <inheritdoc/>
    public override IReadOnlyList<MatrixState> States => Kept;

    /// <inheritdoc/>
    public override MatrixRule CreateRule() => new MuonRule(this);
}

internal sealed class MuonRule(MuonOptions options) : MatrixRule
{
    public override UpdateKernel CreateFront(MatrixOptions muon) =>
        UpdateKernel.TwoStates(new MatrixPass(2) { Maximize = muon.Maximize }, _ => new MuonMomentum(options));

    public override MatrixMove<TMatrix> Move<TMatrix>(IMatrixProvider<TMatrix> provider, MatrixStep<TMatrix> step)
    {
        (_, long rows, long columns) = provider.ShapeOf(step.Gradient);
        TMatrix direction = NewtonSchulz.Orthogonalize(
            provider, step.Gradient, (options.CoefficientA, options.CoefficientB, options.CoefficientC), options.NewtonSchulzSteps, options.Epsilon);
        return new(direction, options.RateAdjustment == MuonRate.Original
            ? Math.Sqrt(Math.Max(1, (double)rows / columns))
            : 0.2 * Math.Sqrt(Math.Max(rows, columns)));
    }
}

/// <summary>B ← B + (1−μ)(g − B); U = g + μ(B − g), or B.</summary>
internal readonly struct MuonMomentum(MuonOptions options) : IUpdateRule2
{
    private readonly double _gain = 1 - options.Momentum;
    private readonly double _ahead = options.Nesterov ? options.Momentum : 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Update<TLane>(ref TLane p, TLane g, ref TLane b, ref TLane u) where TLane : struct, ILane<TLane>
    {
        b = TLane.FusedMultiplyAdd(TLane.Broadcast(_gain), g - b, b);
        u = TLane.FusedMultiplyAdd(TLane.Broadcast(_ahead), b - g, g);
    }
}
