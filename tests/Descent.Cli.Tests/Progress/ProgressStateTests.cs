using Descent.Cli.Progress;

namespace Descent.Cli.Tests.Progress;

public sealed class ProgressStateTests
{
    [Fact]
    public void Trend_FollowsTheLoss()
    {
        Assert.Equal(-1, Trend(step => 5 - (0.01 * step)));
        Assert.Equal(1, Trend(step => 1 + (0.01 * step)));
        Assert.Equal(0, Trend(step => 2 + (0.0001 * (step % 2))));
    }

    [Fact]
    public void Loss_AfterANonFiniteStep_ComesBack()
    {
        var state = new ProgressState(Events.Started());
        state.Add(Events.Step(1, 2));
        state.Add(Events.Step(2, double.NaN));
        Assert.Equal(double.NaN, state.Loss);

        state.Add(Events.Step(3, 2));
        Assert.Equal(2, state.Loss, 12);
        Assert.Equal([2, 2], state.History);
    }

    [Fact]
    public void Done_IsByStepsWhereOnlyTheyEndTheRun_ElseByTime()
    {
        var bySteps = new ProgressState(Events.Started(total: 200) with { TotalSeconds = null });
        Assert.Equal(0, bySteps.Done);
        bySteps.Add(Events.Step(100));
        Assert.Equal(0.5, bySteps.Done);

        var byTime = new ProgressState(Events.Started(total: null));
        Assert.Equal(0, byTime.Done);
        byTime.Add(Events.Step(100) with { Seconds = 30, SecondsLeft = 10 });
        Assert.Equal(0.75, byTime.Done);
        byTime.Add(Events.Step(101) with { SecondsLeft = null });
        Assert.Null(byTime.Done);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(127)]
    [InlineData(128)]
    [InlineData(1_000)]
    [InlineData(100_000)]
    public void History_OfAnyLength_IsShortAndSpansTheRun(int steps)
    {
        var history = new LossHistory();
        for (int step = 0; step < steps; step++)
        {
            history.Add(step);
        }

        double[] means = history.Means;
        Assert.InRange(means.Length, Math.Min(steps, 64), 128);
        Assert.Equal(means.Order(), means);
        Assert.InRange(means[0], 0, steps / 64.0);
        Assert.InRange(means[^1], Math.Min(steps - 1, steps * 62.0 / 64), steps);
    }

    [Fact]
    public void Sparkline_GoesFromHighToLow()
    {
        Assert.Equal("█▁", Sparkline.Draw([2, 1], 10));
        Assert.Equal("▁▁▁", Sparkline.Draw([1, 1, 1], 10));
        Assert.Equal("▁█", Sparkline.Draw([-1, -1, 1, 1], 2));
        Assert.Equal("", Sparkline.Draw([1], 10));
        Assert.Equal("", Sparkline.Draw([1, 2], -3));
    }

    private static int Trend(Func<int, double> loss)
    {
        var state = new ProgressState(Events.Started());
        for (int step = 1; step <= 200; step++)
        {
            state.Add(Events.Step(step, loss(step)));
        }

        return state.Trend;
    }
}
