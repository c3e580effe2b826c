using System.Runtime.CompilerServices;

namespace Descent.Optimizers;

/// <summary>
/// AMSGrad: Adam that divides by the largest v so far, so that the step never grows again.
/// Reddi, Kale and Kumar, "On the Convergence of Adam and Beyond", 2018, algorithm 2. As in PyTorch, the maximum is of the raw v and
/// corrected afterwards, and m is corrected too; the paper corrects neither.
/// </summary>
internal readonly struct AmsGradRule(double beta1, double beta2, double epsilon, StepScalars scalars) : IUpdateRule3
{
    public static readonly IReadOnlyList<StateTensor> State = [new("exp_avg"), new("exp_avg_sq") { NonNegative = true }, new("max_exp_avg_sq") { NonNegative = true }];

    private readonly double _gain1 = 1 - beta1;
    private readonly double _beta2 = beta2;
    private readonly double _gain2 = 1 - beta2;
    private readonly double _epsilon = epsilon;
    private readonly double _rootCorrection = 1 / Math.Sqrt(1 - Math.Pow(beta2, scalars.Step));
    private readonly double _minusRate = -scalars.LearningRate / (1 - Math.Pow(beta1, scalars.Step));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Update<TLane>(ref TLane p, TLane g, ref TLane m, ref TLane v, ref TLane largest) where TLane : struct, ILane<TLane>
    {
        m = TLane.FusedMultiplyAdd(TLane.Broadcast(_gain1), g - m, m);
        v = TLane.FusedMultiplyAdd(TLane.Broadcast(_gain2) * g, g, TLane.Broadcast(_beta2) * v);
        largest = TLane.Max(largest, v);
        TLane root = TLane.FusedMultiplyAdd(TLane.Sqrt(largest), TLane.Broadcast(_rootCorrection), TLane.Broadcast(_epsilon));
        p = TLane.FusedMultiplyAdd(TLane.Broadcast(_minusRate), m / root, p);
    }
}
