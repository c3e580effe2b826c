using System.Runtime.CompilerServices;

namespace Descent.Optimizers;

/// <summary>θ ← θ + c·(|θ| + η)²·g, the climb of adaptive sharpness-aware minimization, with c as the rate. See <see cref="ScaledNorm"/>.</summary>
internal readonly struct AdaptiveClimbRule(double eta, StepScalars scalars) : IUpdateRule0
{
    private readonly double _eta = eta;
    private readonly double _rate = scalars.LearningRate;

    public static UpdateKernel CreateKernel(double eta) => UpdateKernel.Stateless(new SgdOptions(), scalars => new AdaptiveClimbRule(eta, scalars));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Update<TLane>(ref TLane p, TLane g) where TLane : struct, ILane<TLane>
    {
        TLane size = TLane.Abs(p) + TLane.Broadcast(_eta);
        p = TLane.FusedMultiplyAdd(TLane.Broadcast(_rate) * size * size, g, p);
    }
}
