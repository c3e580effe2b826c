namespace Descent.Torch;

/// <summary>What a training loop wants of one step beyond what the groups' own options say.</summary>
/// <remarks>Write <c>new StepRequest { … }</c>: <c>default</c> has factors of 0.</remarks>
public readonly record struct StepRequest
{
    /// <summary>A plain step.</summary>
    public StepRequest()
    {
    }

    /// <summary>Multiplies every group's learning rate: the value of a schedule. Default 1.</summary>
    public double RateFactor { get; init; } = 1;

    /// <summary>
    /// Multiplies each group's learning rate beside <see cref="RateFactor"/>, in the order of the groups: schedules of their own. Default null: 1 for all.
    /// </summary>
    public IReadOnlyList<double>? GroupRateFactors { get; init; }

    /// <summary>Multiplies every gradient first: clipping, accumulation, loss scaling. Default 1.</summary>
    public double GradientScale { get; init; } = 1;

    /// <summary>Bounds every element of the scaled gradient to ±this, before decay and penalties are added; above 0. Default null: no bound.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not above 0.</exception>
    public double? ClipValue
    {
        get;
        init => field = value is null or > 0
            ? value
            : throw new ArgumentOutOfRangeException(nameof(ClipValue), value, $"ClipValue is {value}; allowed: a number above 0, or none");
    }

    /// <summary>
    /// What each parameter's gradient is multiplied by on top of <see cref="GradientScale"/>: clipping by its own norm, see
    /// <see cref="FusedOptimizer.GradientNorms"/>. Default null: 1 for all.
    /// </summary>
    public GradientFactors? Factors { get; init; }

    /// <summary>λ₁ of the elastic net: adds λ₁·sign(p) to the gradient of every penalised group. Default 0.</summary>
    public double L1 { get; init; }

    /// <summary>λ₂ of the elastic net: adds λ₂·p to the gradient of every penalised group. Default 0.</summary>
    public double L2 { get; init; }
}
