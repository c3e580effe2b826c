using Descent.Optimizers;

namespace Descent.Training.Configuration;

/// <summary>The text a language model writes before and after its training, so that a person sees what it learned.</summary>
public sealed record SampleOptions
{
    /// <summary>The text to continue.</summary>
    public string Prompt { get; init; } = "";

    /// <summary>Tokens to write; 0 writes none.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public int Tokens
    {
        get;
        init => field = Require.AtLeast(0, value);
    } = 120;

    /// <summary>Divides the logits: below 1 likelier tokens are preferred more; 0 always takes the likeliest.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public double Temperature
    {
        get;
        init => field = Require.AtLeastZero(value);
    } = 0.7;

    /// <summary>Only this many likeliest tokens are drawn from; null draws from all.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public int? TopK
    {
        get;
        init => field = value is { } given ? Require.AtLeast(1, given) : null;
    } = 40;
}
