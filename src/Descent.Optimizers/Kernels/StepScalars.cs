namespace Descent.Optimizers;

/// <summary>What changes from step to step: everything else is fixed by the options.</summary>
/// <remarks>
/// The gradient that a rule sees is <c>clamp(GradientScale·g, ±ClipValue) + (L2 + λ)·p + L1·sign(p)</c>, with λ the weight decay of rules that
/// couple it and 0 for rules that decay the parameter itself. Write <c>new StepScalars { … }</c>: <c>default</c> has a gradient scale of 0.
/// </remarks>
public readonly record struct StepScalars
{
    /// <summary>Step 1 with a gradient scale of 1 and everything else 0.</summary>
    public StepScalars()
    {
    }

    /// <summary>The number of this step, counted from 1; bias corrections depend on it.</summary>
    public long Step { get; init; } = 1;

    /// <summary>γ, the learning rate of this step.</summary>
    public double LearningRate { get; init; }

    /// <summary>λ, the weight decay of these parameters.</summary>
    public double WeightDecay { get; init; }

    /// <summary>Multiplies the raw gradient before anything else: clipping, accumulation, loss scaling.</summary>
    public double GradientScale { get; init; } = 1;

    /// <summary>Bounds every element of the scaled gradient to ±this, before penalties and decay are added; null bounds nothing.</summary>
    public double? ClipValue { get; init; }

    /// <summary>λ₁ of the elastic net: adds λ₁·sign(p), the gradient of λ₁·‖p‖₁.</summary>
    public double L1 { get; init; }

    /// <summary>λ₂ of the elastic net: adds λ₂·p, the gradient of λ₂/2·‖p‖².</summary>
    public double L2 { get; init; }

    /// <summary>The numbers of <see cref="OptimizerOptions.SharedState"/>, already advanced to this step; a kernel may write them.</summary>
    public Memory<double> Shared { get; init; }
}
