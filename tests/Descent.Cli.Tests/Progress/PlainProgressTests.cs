using Descent.Cli.Progress;
using Descent.Training;
using Microsoft.Extensions.Time.Testing;

namespace Descent.Cli.Tests.Progress;

public sealed class PlainProgressTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly StringWriter _output = new() { NewLine = "\n" };

    [Fact]
    public void Lines_OfAWholeRun_SayWhatHappened()
    {
        PlainProgress progress = Started();
        progress.OnValidated(Events.Validation(0, 5.5, best: true));
        progress.OnStep(Events.Step(1));
        progress.OnSample(new SampleReport(1, "Once", " upon\na \u001b[2Jtime"));
        progress.OnCheckpoint(new CheckpointReport(1, "checkpoints/step-000001", IsBest: false));
        progress.OnWarning("The rate is unused.");
        progress.OnStopped(Events.Stopped(1));

        Assert.Equal(
            """
            gpt, 6 layers × 384, 10.7 M parameters
            text ./corpus, 3.2 M tokens, 5 % held out
            adamw, rate 3e-4, weight decay 0.1
            run directory runs/tales
            validation at step 0: loss 5.500, accuracy 0.7500 (best)
            step 1/2,000  epoch 0.01  loss 5.000  rate 3e-4  gradient norm 0.8125  12,345 tokens/s  memory 1.2 GiB (peak 1.5 GiB)  elapsed 0:00  left 16:40
            sample at step 1: Once upon ⏎ a ·[2Jtime
            checkpoint at step 1: checkpoints/step-000001
            warning: The rate is unused.
            All 1 steps are done.
            best validation/loss 1.063 at step 1; these weights are restored
            1 step in 0:00, peak memory 1.5 GiB

            """,
            _output.ToString());
    }

    [Fact]
    public void Steps_BetweenTwoLines_AreIntervalApart()
    {
        PlainProgress progress = Started();
        for (int step = 1; step <= 100; step++)
        {
            progress.OnStep(Events.Step(step));
            _time.Advance(PlainProgress.Interval / 10);
        }

        string[] steps = [.. _output.ToString().Split('\n').Where(line => line.StartsWith("step ", StringComparison.Ordinal)).Select(line => line[..7])];
        Assert.Equal(["step 1/", "step 11", "step 21", "step 31", "step 41", "step 51", "step 61", "step 71", "step 81", "step 91"], steps);
    }

    [Fact]
    public void Stopped_ShowsALastStepThatHadNoLine()
    {
        PlainProgress progress = Started();
        progress.OnStep(Events.Step(1));
        progress.OnStep(Events.Step(2));
        progress.OnStopped(Events.Stopped(2));

        Assert.Equal(["step 1/", "step 2/"], _output.ToString().Split('\n').Where(static line => line.StartsWith("step ", StringComparison.Ordinal)).Select(static line => line[..7]));
    }

    [Fact]
    public void Resumed_SaysFromWhere()
    {
        new PlainProgress(_output, _time).OnStarted(Events.Started(step: 1500));

        Assert.Contains("resumed at step 1,500", _output.ToString());
    }

    private PlainProgress Started()
    {
        var progress = new PlainProgress(_output, _time);
        progress.OnStarted(Events.Started());
        return progress;
    }
}
