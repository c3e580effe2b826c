using System.Runtime.CompilerServices;

namespace Descent.Optimizers;

/// <summary>a ← a + c(θ − a): one update of a mean, with the mean as the parameter, θ as the gradient and c as the rate.</summary>
internal readonly struct MeanRule(StepScalars scalars) : IUpdateRule0
{
    private readonly double _gain = scalars.LearningRate;

    /// <summary>A kernel that brings a list of means forward in one pass.</summary>
    public static UpdateKernel CreateKernel() => UpdateKernel.Stateless(new SgdOptions(), static scalars => new MeanRule(scalars));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Update<TLane>(ref TLane a, TLane theta) where TLane : struct, ILane<TLane> =>
        a = TLane.FusedMultiplyAdd(TLane.Broadcast(_gain), theta - a, a);
}
