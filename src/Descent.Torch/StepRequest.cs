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

    /// <summary>Multiplies every gradient first: clipping, accumulation, loss scaling. Default 1.</summary>
    public double GradientScale { get; init; } = 1;

    /// <summary>λ₁ of the elastic net: adds λ₁·sign(p) to the gradient of every penalised group. Default 0.</summary>
    public double L1 { get; init; }

    /// <summary>λ₂ of the elastic net: adds λ₂·p to the gradient of every penalised group. Default 0.</summary>
    public double L2 { get; init; }
}
