using Descent.Optimizers;

namespace Descent.Training.Models;

/// <summary>How a <see cref="TextGenerator"/> continues a text.</summary>
public sealed record GenerationOptions
{
    /// <summary>Tokens to add, at least 0. Default 256.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public int MaximumTokens
    {
        get;
        init => field = Require.AtLeast(0, value);
    } = 256;

    /// <summary>Divides the logits before sampling; 0 always takes the likeliest token. Default 0.8.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public double Temperature
    {
        get;
        init => field = Require.AtLeastZero(value);
    } = 0.8;

    /// <summary>Samples among that many of the likeliest tokens; 0: among all. Default 40 (GPT-2's).</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public int TopK
    {
        get;
        init => field = Require.AtLeast(0, value);
    } = 40;

    /// <summary>The seed of sampling: the same seed, weights and prompt give the same text. Default 1.</summary>
    public long Seed { get; init; } = 1;
}
