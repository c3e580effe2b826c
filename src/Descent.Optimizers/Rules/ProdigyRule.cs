using System.Runtime.CompilerServices;

namespace Descent.Optimizers;

/// <summary>The formula of <see cref="ProdigyOptions"/>.</summary>
internal readonly struct ProdigyRule : ITensorRule
{
    private readonly double _beta1;
    private readonly double _gain1;
    private readonly double _beta2;
    private readonly double _gain2;
    private readonly double _beta3;
    private readonly double _gain3;
    private readonly double _minusRate;
    private readonly double _keep;
    private readonly double _numeratorGain;
    private readonly ProdigyOptions _options;
    private readonly Memory<double> _shared;

    public ProdigyRule(ProdigyOptions options, in StepScalars scalars)
    {
        (_options, _shared) = (options, scalars.Shared);
        double d = _shared.Span[0];
        double correction = options.BiasCorrection
            ? Math.Sqrt(1 - Math.Pow(options.Beta2, scalars.Step)) / (1 - Math.Pow(options.Beta1, scalars.Step))
            : 1;
        double rate = d * scalars.LearningRate * correction;
        double relative = d / options.InitialDistance;
        (_beta1, _gain1) = (options.Beta1, d * (1 - options.Beta1));
        (_beta2, _gain2) = (options.Beta2, d * d * (1 - options.Beta2));
        (_beta3, _gain3) = (options.Beta3 ?? Math.Sqrt(options.Beta2), relative * (options.SafeguardWarmup ? d : rate));
        (_minusRate, _keep, _numeratorGain) = (-rate, 1 - (rate * scalars.WeightDecay), relative * rate);
    }

    public static Streams Needs => Streams.State0 | Streams.State1 | Streams.State2 | Streams.State3;

    public static Streams GatherReads => Streams.Parameter | Streams.Gradient | Needs;

    public static Streams GatherWrites => Streams.State0 | Streams.State1 | Streams.State2;

    public static Streams UpdateReads => Streams.Parameter | Streams.State0 | Streams.State1;

    public static Streams UpdateWrites => Streams.Parameter;

    public static bool Squares => false;

    public static bool TwoSums => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Gather<TLane>(TLane p, TLane g, ref TLane m, ref TLane v, ref TLane s, ref TLane p0, out TLane first, out TLane second)
        where TLane : struct, ILane<TLane>
    {
        m = TLane.FusedMultiplyAdd(TLane.Broadcast(_gain1), g, TLane.Broadcast(_beta1) * m);
        v = TLane.FusedMultiplyAdd(TLane.Broadcast(_gain2) * g, g, TLane.Broadcast(_beta2) * v);
        s = TLane.FusedMultiplyAdd(TLane.Broadcast(_gain3), g, TLane.Broadcast(_beta3) * s);
        (first, second) = (g * (p0 - p), TLane.Abs(s));
    }

    /// <summary>The new d, and d'ε.</summary>
    public TensorFactors Settle(double inner, double length, in TensorSlot slot)
    {
        Span<double> shared = _shared.Span;
        double numerator = (_beta3 * shared[2]) + (_numeratorGain * inner);
        if (length > 0 && double.IsFinite(numerator) && double.IsFinite(length))
        {
            double estimate = _options.Coefficient * numerator / length;
            double d = shared[0] == _options.InitialDistance ? Math.Max(shared[0], estimate) : shared[0];
            double largest = Math.Max(shared[1], estimate);
            (shared[0], shared[1], shared[2]) = (Math.Min(largest, d * (_options.GrowthRate ?? double.PositiveInfinity)), largest, numerator);
        }

        return new(shared[0] * _options.Epsilon);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Update<TLane>(ref TLane p, TLane g, ref TLane m, ref TLane v, ref TLane s, ref TLane p0, TLane step, TLane keep)
        where TLane : struct, ILane<TLane> =>
        p = TLane.FusedMultiplyAdd(TLane.Broadcast(_minusRate), m / (TLane.Sqrt(v) + step), TLane.Broadcast(_keep) * p);
}
