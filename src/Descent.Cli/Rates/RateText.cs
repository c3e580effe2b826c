using Descent.Training.Probing;

namespace Descent.Cli.Rates;

/// <summary>What a range test and a noise scale say in words, the same in the terminal and on the page.</summary>
internal static class RateText
{
    /// <summary>What the curve says.</summary>
    public static IReadOnlyList<string> Lines(RateCurve curve)
    {
        string end = curve.Diverged
            ? $"the loss ran away at {Figures.Rate(curve.Rates.Count > 0 ? curve.Rates[^1] : double.NaN)}"
            : $"the loss never ran away up to {Figures.Rate(curve.Rates[^1])}: the best rate may be larger still, see --to";
        return curve is { Steepest: { } steepest, TenthOfMinimum: { } tenth, Suggestion: { } suggestion }
            ?
            [
                $"{Figures.Of(curve.Rates.Count, "step")}; {end}",
                $"s  steepest descent of the smoothed loss: {Figures.Rate(steepest)}",
                $"m  a tenth of the rate of its minimum: {Figures.Rate(tenth)}",
                $"begin with optimizer.learning_rate {Figures.Rate(suggestion)}, the smaller of both; one short run can be off by a factor of 3 either way: 'descent tune' around it tells",
            ]
            : [$"{Figures.Of(curve.Rates.Count, "step")}; {end}", "the loss never fell, so there is nothing to suggest: give more --steps, a lower --from, or look at the data and the model"];
    }

    /// <summary>What the noise scale says.</summary>
    /// <param name="noise">The scale.</param>
    /// <param name="steps">After how many steps it was measured.</param>
    /// <param name="rate">The rate of those steps.</param>
    /// <param name="batch">Samples of a step of the run file.</param>
    public static IReadOnlyList<string> Lines(NoiseScale noise, long steps, double rate, long batch)
    {
        string measured = $"gradient noise scale after {Figures.Whole(steps)} steps at {Figures.Rate(rate)}: ";
        if (!double.IsFinite(noise.Samples) || !double.IsFinite(noise.High))
        {
            return
            [
                measured + $"above {Figures.Whole(noise.Low)} samples; the gradient does not show through the noise of {noise.Windows} batches of {Figures.Whole(noise.BigBatch)}",
                $"a step has {Figures.Whole(batch)} samples: several times as many would save nearly as many steps (gradients.accumulate)",
            ];
        }

        string advice = batch < noise.Low / 2 ? $"up to about {Figures.Whole(noise.Samples)} a larger batch saves nearly as many steps as it costs samples"
            : batch > 2 * noise.High ? $"a batch of about {Figures.Whole(Math.Max(1, noise.Samples))} would take hardly more steps, each of fewer samples"
            : "that is of its size: a good compromise between steps and samples";
        return
        [
            measured + $"{Amount(noise.Samples)} samples, 90 % interval {Amount(noise.Low)} to {Amount(noise.High)} ({noise.Windows} pairs of {noise.SmallBatch} and {noise.BigBatch} samples)",
            $"a step has {Figures.Whole(batch)} samples: {advice}; it grows as the loss falls, several times over a training",
        ];
    }

    private static string Amount(double samples) => samples < 10 ? Figures.Number(samples) : Figures.Whole(samples);
}
