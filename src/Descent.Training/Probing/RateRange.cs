using Descent.Optimizers;

namespace Descent.Training.Probing;

/// <summary>Which rates a <see cref="RateRangeTest"/> goes through.</summary>
public sealed record RateRange
{
    /// <summary>The first rate, above 0. Default 1e-7, as fastai's <c>lr_find</c>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not above 0.</exception>
    public double From { get; init => field = Require.Positive(value); } = 1e-7;

    /// <summary>The last rate, above the first. Default 10, as fastai's <c>lr_find</c>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not above 0.</exception>
    public double To { get; init => field = Require.Positive(value); } = 10;

    /// <summary>Steps, at least 20. Default 100, as fastai's <c>lr_find</c>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Too few.</exception>
    public long Steps { get; init => field = Require.AtLeast(20, value); } = 100;

    /// <summary>β of the loss's exponential moving average, from 0 to below 1, with Adam's correction for its start. Default 0.98, as fastai's.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public double Smoothing { get; init => field = Require.Decay(value); } = 0.98;

    /// <summary>The test ends when the smoothed loss is so many times its least, above 1. Default 4, as fastai's.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not above 1.</exception>
    public double Divergence { get; init => field = value > 1 ? value : throw Require.Outside(nameof(Divergence), value, "above 1"); } = 4;
}
