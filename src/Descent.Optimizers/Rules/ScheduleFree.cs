namespace Descent.Optimizers;

/// <summary>
/// What the Schedule-Free rules share: gradients are taken at y = (1−β)z + βx, where z is the base rule's point and x the weighted mean of all z so far,
/// x ← (1−c)x + cz with c = w/Σw and w = tʳ·(max γ)ᵖ. No schedule is needed but a warm-up; the end of a run need not be known.
/// Defazio, Yang, Mehta, Mishchenko, Khaled and Cutkosky, "The Road Less Scheduled", 2024 (arXiv 2405.15682), algorithm 1.
/// </summary>
/// <remarks>
/// <para>The parameter holds y. Instead of z the state holds z − y, which starts at 0 and is small, so that narrow storage serves it well:
/// y ← y + c(z−y) + γ(β(1−c) − 1)G, then z − y ← (1−c)(z − y − γβG), which is the same in exact arithmetic. G is the base rule's direction.</para>
/// <para>Measure and save the model at x = y + (1 − 1/β)(z − y), the <see cref="EvaluationPoint"/>. Defaults are those of the authors'
/// <c>schedulefree</c> package; its warm-up is left to a schedule.</para>
/// </remarks>
public abstract record ScheduleFreeOptions : OptimizerOptions
{
    private static readonly IReadOnlyList<(string Name, double InitialValue)> Weights = [("weight_sum", 0), ("lr_max", 0), ("weight", 0)];

    /// <summary>The state that every Schedule-Free rule has.</summary>
    private protected static StateTensor Offset { get; } = new("z_minus_y");

    /// <summary>r, at least 0: later points weigh more in the mean, as the r-th power of the step. Default 0 (<c>schedulefree</c>'s <c>r</c>).</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative or not finite.</exception>
    public double StepPower { get; init => field = Require.AtLeastZero(value); }

    /// <summary>
    /// p, at least 0: during a warm-up points weigh as the p-th power of the largest rate so far. Default 2 (<c>schedulefree</c>'s <c>weight_lr_power</c>).
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative or not finite.</exception>
    public double RatePower { get; init => field = Require.AtLeastZero(value); } = 2;

    /// <inheritdoc/>
    public override IReadOnlyList<(string Name, double InitialValue)> SharedState => Weights;

    /// <inheritdoc/>
    public override EvaluationPoint? EvaluationPoint => new(Offset.Name, 1 - (1 / Interpolation));

    /// <summary>β, between 0 and 1: how near y is to x.</summary>
    private protected abstract double Interpolation { get; }

    /// <inheritdoc/>
    public override void Advance(Span<double> shared, in StepScalars scalars)
    {
        double largest = Math.Max(shared[1], BaseRate(scalars));
        double weight = Math.Pow(scalars.Step, StepPower) * Math.Pow(largest, RatePower);
        double sum = shared[0] + weight;

        // As long as the rate is 0 nothing has moved and there is nothing to average.
        (shared[0], shared[1], shared[2]) = (sum, largest, sum > 0 ? weight / sum : 0);
    }

    /// <summary>The rate of the base rule in this step.</summary>
    /// <param name="scalars">The step.</param>
    private protected virtual double BaseRate(in StepScalars scalars) => scalars.LearningRate;
}
