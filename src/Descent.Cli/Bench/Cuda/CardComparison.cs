namespace Descent.Cli.Bench;

/// <summary>AdamW on a card, beside a copy of as many bytes and libtorch's own operators.</summary>
/// <param name="Copy">What the card's memory allows: reading and writing alike.</param>
/// <param name="Fused">Descent's kernel.</param>
/// <param name="Operators">The same rule through libtorch's operators, one after the other.</param>
/// <param name="LibTorchFused">libtorch's <c>_fused_adamw_</c>.</param>
/// <param name="LibTorchForeach">The formula in libtorch's <c>_foreach_</c> operators.</param>
internal sealed record CardComparison(StepTiming Copy, StepTiming Fused, StepTiming Operators, StepTiming LibTorchFused, StepTiming LibTorchForeach)
{
    /// <summary>The fused step's rate as a part of the copy's.</summary>
    public double OfCopy => Fused.GigabytesPerSecond / Copy.GigabytesPerSecond;

    /// <summary>The fused step's time as a multiple of libtorch's.</summary>
    public double OfLibTorch => Fused.Milliseconds / LibTorchFused.Milliseconds;

    /// <summary>The aim: within 10 % of the copy and not slower than libtorch.</summary>
    public bool Reached => OfCopy >= 0.9 && OfLibTorch <= 1;
}
