using Descent.Optimizers;
using Descent.Training.Configuration;

namespace Descent.Training.Tests.Training;

public sealed class HorizonTests
{
    private static readonly WarmupStableDecaySchedule Plateau = new() { WarmupSteps = 10, DecayFraction = 0.2 };

    [Theory]
    [InlineData(100, null, 100)]
    [InlineData(null, 2.5, 125)]
    [InlineData(100, 2.5, 100)]
    [InlineData(200, 2.5, 125)]
    public void Steps_OfStepsAndEpochs_IsTheFirstToEnd(int? steps, double? epochs, long expected)
    {
        var horizon = new Horizon(new StopOptions { Steps = steps, Epochs = epochs, Minutes = 1 }, Plateau, stepsPerEpoch: 50);
        horizon.Observe(1, 10);

        Assert.Equal(expected, horizon.Steps);
        Assert.True(horizon.IsFixed);
    }

    [Fact]
    public void Steps_OfATimeBudget_FollowTheMeasuredSpeed()
    {
        var horizon = new Horizon(new StopOptions { Minutes = 1 }, Plateau, stepsPerEpoch: 50);
        double seconds = 0;
        for (long step = 1; step <= 200; step++)
        {
            // The first steps are slow and must not count.
            seconds += step <= 4 ? 1 : 0.1;
            horizon.Observe(step, seconds);
        }

        Assert.InRange(horizon.Steps!.Value, 555, 570);
    }

    [Fact]
    public void Steps_OnceTheDecayHasBegun_StayAsTheyAre()
    {
        var horizon = new Horizon(new StopOptions { Minutes = 1 }, Plateau, stepsPerEpoch: 50);
        double seconds = 0;
        long decayBegins = 0;
        for (long step = 1; step <= 590; step++)
        {
            seconds += 0.1;
            horizon.Observe(step, seconds);
            if (decayBegins == 0 && horizon.Steps is { } end && Plateau.At(step, end) < 1 && step > 20)
            {
                decayBegins = horizon.Steps!.Value;
            }
            else if (decayBegins > 0)
            {
                seconds += 0.2;
                Assert.Equal(decayBegins, horizon.Steps);
            }
        }

        Assert.NotEqual(0, decayBegins);
    }

    [Fact]
    public void Restore_OfAnEstimate_KeepsIt()
    {
        var horizon = new Horizon(new StopOptions { Minutes = 1 }, Plateau, stepsPerEpoch: 50);
        horizon.Restore(321);

        Assert.Equal(321, horizon.Steps);
    }
}
