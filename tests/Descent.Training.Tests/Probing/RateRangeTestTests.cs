using Descent.Optimizers;
using Descent.Training.Configuration;
using Descent.Training.Data;
using Descent.Training.Models;
using Descent.Training.Probing;
using Descent.Training.Tests.Training;

namespace Descent.Training.Tests.Probing;

public sealed class RateRangeTestTests
{
    // Rates 1e-5 … 1, and a loss over their logarithm that is flat, falls with a slope that is greatest at 1e-3, and is least at 1e-2.
    private static readonly double[] Rates = [.. Enumerable.Range(0, 101).Select(static i => Math.Pow(10, -5 + (i / 20.0)))];
    private static readonly RateRange Plain = new() { From = 1e-5, To = 1, Steps = 101, Smoothing = 0 };

    [Fact]
    public void Judge_OfALossThatFallsAndRises_FindsTheSteepestPlaceAndTheMinimum()
    {
        double[] losses = [.. Rates.Select(static rate => 3 - Math.Tanh(2 * (Math.Log10(rate) + 3)) + (rate > 1e-2 ? 5 * (Math.Log10(rate) + 2) : 0))];

        RateCurve curve = RateRangeTest.Judge(Rates, losses, Plain, diverged: true);

        Assert.InRange(curve.Steepest!.Value, 0.8e-3, 1.25e-3);
        Assert.InRange(curve.TenthOfMinimum!.Value, 0.8e-3, 1.25e-3);
        Assert.Equal(Math.Min(curve.Steepest.Value, curve.TenthOfMinimum.Value), curve.Suggestion);
        Assert.Equal(losses, curve.Smoothed);
        Assert.True(curve.Diverged);
    }

    [Fact]
    public void Judge_OfALossThatOnlyRises_SuggestsNothing()
    {
        RateCurve curve = RateRangeTest.Judge(Rates, [.. Rates.Select(static rate => 1 + rate)], Plain, diverged: false);

        Assert.Null(curve.Steepest);
        Assert.Null(curve.TenthOfMinimum);
        Assert.Null(curve.Suggestion);
    }

    [Fact]
    public void Judge_SmoothsWithACorrectionForTheStart()
    {
        // A constant stays itself from the first step on: without the correction it would rise from nothing.
        RateCurve curve = RateRangeTest.Judge(Rates[..3], [2, 2, 2], Plain with { Smoothing = 0.9 }, diverged: false);
        Assert.All(curve.Smoothed, static value => Assert.Equal(2, value, 1e-12));

        // By hand: (0.5·0.5·4 + 0.5·1) ÷ (1 − 0.25).
        curve = RateRangeTest.Judge(Rates[..2], [4, 1], Plain with { Smoothing = 0.5 }, diverged: false);
        Assert.Equal(2, curve.Smoothed[1], 1e-12);
    }

    [Fact]
    public void Run_GoesThroughTheRatesEvenlyAndEndsWhereTheLossRunsAway()
    {
        DataSplit data = TinyTask.Split();
        using Model model = new MlpOptions { Widths = [8] }.Build(data.Training.Shape);
        var range = new RateRange { From = 1e-4, To = 1e6, Steps = 60, Smoothing = 0.5 };

        RateCurve curve = RateRangeTest.Run(model, data, 8, new TrainingOptions { Optimizer = new SgdOptions { LearningRate = 0.5 } }, range, TestContext.Current.CancellationToken);

        Assert.True(curve.Diverged);
        Assert.InRange(curve.Rates.Count, 10, 59);
        Assert.Equal(1e-4, curve.Rates[0], 1e-9);
        double factor = Math.Pow(1e10, 1 / 59.0);
        Assert.All(curve.Rates.Zip(curve.Rates.Skip(1)), pair => Assert.Equal(factor, pair.Second / pair.First, 1e-3));
        Assert.All(curve.Losses, static loss => Assert.True(double.IsFinite(loss)));
    }

    [Fact]
    public void Run_OfARangeThatEndsBeforeItBegins_IsRefused()
    {
        DataSplit data = TinyTask.Split();
        using Model model = new MlpOptions { Widths = [4] }.Build(data.Training.Shape);

        BadInputException refused = Assert.Throws<BadInputException>(() => RateRangeTest.Run(model, data, 8, new TrainingOptions(), new RateRange { From = 1, To = 0.1 }, TestContext.Current.CancellationToken));
        Assert.Contains("its end must be above its beginning", refused.Message);
    }

    [Fact]
    public void Run_ThatIsCancelled_Throws()
    {
        DataSplit data = TinyTask.Split();
        using Model model = new MlpOptions { Widths = [4] }.Build(data.Training.Shape);

        Assert.ThrowsAny<OperationCanceledException>(() => RateRangeTest.Run(model, data, 8, new TrainingOptions(), new RateRange(), new CancellationToken(canceled: true)));
    }
}
