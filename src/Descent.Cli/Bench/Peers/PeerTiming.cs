namespace Descent.Cli.Bench;

/// <summary>One rule's step, by Descent and by its peers, measured in turn.</summary>
/// <param name="Rule">The rule's catalog name.</param>
/// <param name="Descent">Descent's optimizer on TorchSharp's parameters.</param>
/// <param name="LibTorch">libtorch's fused operator, or null where it has none.</param>
/// <param name="TorchSharp">TorchSharp's optimizer, or null where it has none.</param>
/// <param name="OfLibTorch">Descent's time as a multiple of libtorch's right before it, median of the rounds: below 1 is faster.</param>
internal sealed record PeerTiming(string Rule, StepTiming Descent, StepTiming? LibTorch, StepTiming? TorchSharp, double? OfLibTorch)
{
    /// <summary>How many times faster than TorchSharp's.</summary>
    public double? FasterThanTorchSharp => TorchSharp?.Milliseconds / Descent.Milliseconds;
}
