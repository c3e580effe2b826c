using System.Runtime.CompilerServices;

namespace Descent.Optimizers;

/// <summary>
/// Schedule-Free SGD: G = g + λy, z ← z − γG, x ← (1−c)x + cz, y = (1−β)z + βx.
/// Defazio et al., "The Road Less Scheduled", 2024, equations 3 to 5. See <see cref="ScheduleFreeOptions"/> for what is kept.
/// </summary>
public sealed record ScheduleFreeSgdOptions : ScheduleFreeOptions
{
    private static readonly IReadOnlyList<StateTensor> States = [Offset];

    /// <summary>γ = 1 and λ = 0, the defaults of <c>schedulefree.SGDScheduleFree</c>.</summary>
    public ScheduleFreeSgdOptions() => LearningRate = 1;

    /// <inheritdoc/>
    public override string Kind => "schedule_free_sgd";

    /// <summary>β, above 0 and below 1: how near to the mean gradients are taken. Default 0.9 (the authors').</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public double Momentum { get; init => field = Require.Inside(value); } = 0.9;

    /// <inheritdoc/>
    public override IReadOnlyList<StateTensor> State => States;

    private protected override double Interpolation => Momentum;

    /// <inheritdoc/>
    public override UpdateKernel CreateKernel() => UpdateKernel.OneState(this, scalars => new ScheduleFreeSgdRule(Momentum, scalars));
}

internal readonly struct ScheduleFreeSgdRule(double beta, StepScalars scalars) : IUpdateRule1
{
    private readonly ScheduleFreeMove _move = new(beta, scalars.LearningRate, scalars.Shared.Span[2]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Update<TLane>(ref TLane y, TLane g, ref TLane d) where TLane : struct, ILane<TLane> => _move.Apply(ref y, g, ref d);
}

/// <summary>The way of y and of d = z − y along a direction G.</summary>
internal readonly struct ScheduleFreeMove(double beta, double rate, double weight)
{
    private readonly double _weight = weight;
    private readonly double _keep = 1 - weight;
    private readonly double _gainOfY = rate * ((beta * (1 - weight)) - 1);
    private readonly double _gainOfD = -rate * beta * (1 - weight);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Apply<TLane>(ref TLane y, TLane direction, ref TLane d) where TLane : struct, ILane<TLane>
    {
        y = TLane.FusedMultiplyAdd(TLane.Broadcast(_gainOfY), direction, TLane.FusedMultiplyAdd(TLane.Broadcast(_weight), d, y));
        d = TLane.FusedMultiplyAdd(TLane.Broadcast(_gainOfD), direction, TLane.Broadcast(_keep) * d);
    }
}
