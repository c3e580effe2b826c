using Descent.Torch;

namespace Descent.Training;

/// <summary>What became of the gradients of a window before their step.</summary>
internal readonly record struct TreatedGradients
{
    /// <summary>Scale, factors and bound that the step applies.</summary>
    public required StepRequest Request { get; init; }

    /// <summary>Norm of the mean gradient as it came.</summary>
    public required double Norm { get; init; }

    /// <summary>Its norm after clipping; null where nothing clips.</summary>
    public double? ClippedNorm { get; init; }

    /// <summary>The part that was clipped, from 0 to 1; null where nothing clips.</summary>
    public double? ClippedFraction { get; init; }

    /// <summary>The name of a parameter with a non-finite gradient. There must be no step then.</summary>
    public string? NonFinite { get; init; }
}
