using System.Runtime.CompilerServices;

namespace Descent.Optimizers;

/// <summary>
/// AdaGrad: s ← s + g², θ ← θ − γ/(1 + (t−1)η) · g/(√s + ε).
/// Duchi, Hazan and Singer, "Adaptive Subgradient Methods for Online Learning and Stochastic Optimization", 2011, the diagonal form;
/// rate decay η and the place of ε are PyTorch's.
/// </summary>
public sealed record AdagradOptions : OptimizerOptions
{
    /// <summary>γ = 1e-2 and λ = 0, the defaults of <c>torch.optim.Adagrad</c> (PyTorch 2.10).</summary>
    public AdagradOptions() => LearningRate = 1e-2;

    /// <inheritdoc/>
    public override string Kind => "adagrad";

    /// <summary>η, at least 0: how fast the rate falls with the steps. Default 0 (PyTorch's).</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative or not finite.</exception>
    public double LearningRateDecay { get; init => field = Require.AtLeastZero(value); }

    /// <summary>What s starts from, at least 0. Default 0 (PyTorch's; Optax has 0.1).</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative or not finite.</exception>
    public double InitialAccumulator { get; init => field = Require.AtLeastZero(value); }

    /// <summary>ε, at least 0. Default 1e-10 (PyTorch's).</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative or not finite.</exception>
    public double Epsilon { get; init => field = Require.AtLeastZero(value); } = 1e-10;

    /// <inheritdoc/>
    public override IReadOnlyList<StateTensor> State => [new("sum", InitialAccumulator) { NonNegative = true }];

    /// <inheritdoc/>
    public override UpdateKernel CreateKernel() => UpdateKernel.OneState(this, scalars => new AdagradRule(this, scalars));
}

internal readonly struct AdagradRule(AdagradOptions options, StepScalars scalars) : IUpdateRule1
{
    private readonly double _epsilon = options.Epsilon;
    private readonly double _minusRate = -scalars.LearningRate / (1 + ((scalars.Step - 1) * options.LearningRateDecay));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Update<TLane>(ref TLane p, TLane g, ref TLane s) where TLane : struct, ILane<TLane>
    {
        s = TLane.FusedMultiplyAdd(g, g, s);
        TLane root = TLane.Sqrt(s) + TLane.Broadcast(_epsilon);
        p = TLane.FusedMultiplyAdd(TLane.Broadcast(_minusRate), g / root, p);
    }
}
