using Descent.Tuning.Pruners;

namespace Descent.Tuning.Tests.Pruners;

/// <summary>What each pruner decides on histories small enough to follow by hand.</summary>
public sealed class PrunerTests
{
    private static readonly SearchSpace Space = new(Parameter.Uniform("x", 0, 1));
    private readonly List<(double[] Reports, TrialState State)> _others = [];

    [Fact]
    public void Median_ComparesTheBestSoFarWithTheMedianAtTheStep()
    {
        double[] finals = [1, 2, 3, 4, 5];
        foreach (double final in finals)
        {
            Complete([final + 1, final]);
        }

        MedianPruner pruner = new();
        Assert.False(Decide(pruner, 4, 3).ShouldStop);
        Assert.True(Decide(pruner, 4, 3.5).ShouldStop); // the median at step 2 is 3
        Assert.False(Decide(pruner, 2.9, 99).ShouldStop); // its best was at step 1
        Assert.True(Decide(pruner, 4.1).ShouldStop); // the median at step 1 is 4
        Assert.Contains("median", Decide(pruner, 4.1).Reason!, StringComparison.Ordinal);
    }

    [Fact]
    public void Median_WaitsForTrialsWarmupAndInterval()
    {
        for (int i = 0; i < 4; i++)
        {
            Complete([1, 1, 1, 1, 1, 1]);
        }

        Assert.False(Decide(new MedianPruner(), 9).ShouldStop); // four of five
        Assert.True(Decide(new MedianPruner { MinimumTrials = 4 }, 9).ShouldStop);
        MedianPruner warm = new() { MinimumTrials = 4, WarmupSteps = 3, Interval = 2 };
        Assert.Equal([false, false, true, false, true, false], Enumerable.Range(1, 6).Select(count => Decide(warm, [.. Enumerable.Repeat(9.0, count)]).ShouldStop));
    }

    [Fact]
    public void Percentile_KeepsItsPart()
    {
        for (int i = 1; i <= 9; i++)
        {
            Complete([i]);
        }

        PercentilePruner pruner = new() { Percentile = 25 };
        Assert.False(Decide(pruner, 3).ShouldStop);
        Assert.True(Decide(pruner, 3.1).ShouldStop);
        Assert.False(Decide(new PercentilePruner { Percentile = 100 }, 9).ShouldStop);
    }

    [Fact]
    public void Patient_StopsOnlyWhatNoLongerImproves()
    {
        PatientPruner alone = new() { Patience = 2, MinimumDelta = 0.1 };
        Assert.False(Decide(alone, 5, 4, 3, 2).ShouldStop);
        Assert.True(Decide(alone, 5, 4, 3.95, 3.96, 3.94).ShouldStop);
        Assert.False(Decide(alone, 5, 5).ShouldStop); // patience is not over

        PatientPruner wrapped = new(new ThresholdPruner { Upper = 4.5 }) { Patience = 2 };
        Assert.False(Decide(wrapped, 4, 4, 4, 4).ShouldStop);
        Assert.True(Decide(wrapped, 5, 5, 5, 5).ShouldStop);
        Assert.False(Decide(wrapped, 9, 8, 7, 6).ShouldStop);
    }

    [Fact]
    public void Threshold_StopsOutsideItsBoundsAndAtNaN()
    {
        ThresholdPruner pruner = new() { Lower = 0, Upper = 1 };
        Assert.False(Decide(pruner, 0, 1).ShouldStop);
        Assert.True(Decide(pruner, 1.01).ShouldStop);
        Assert.True(Decide(pruner, -0.01).ShouldStop);
        Assert.True(Decide(pruner, double.NaN).ShouldStop);
        Assert.Throws<ArgumentOutOfRangeException>(() => new ThresholdPruner { Upper = double.NaN });
        Assert.Throws<ArgumentOutOfRangeException>(() => new ThresholdPruner { Upper = 1, Lower = 2 });
    }

    [Fact]
    public void Asha_JudgesAtRungsOnly_AndKeepsOneOfEta()
    {
        SuccessiveHalvingPruner pruner = new() { MinimumResource = 1, ReductionFactor = 3 };
        for (int i = 1; i <= 8; i++)
        {
            Complete([i, i, i]);
        }

        // The ninth to reach rung 1: three go on.
        Assert.False(Decide(pruner, 2.5).ShouldStop);
        Assert.True(Decide(pruner, 3.5).ShouldStop);
        Assert.False(Decide(pruner, 2.5, 99).ShouldStop); // step 2 is no rung
        Assert.True(Decide(pruner, 2.5, 2.5, 99).ShouldStop); // step 3 is
        Assert.Contains("best 3 of 9 trials at rung 3", Decide(pruner, 2.5, 2.5, 99).Reason!, StringComparison.Ordinal);
    }

    [Fact]
    public void Asha_WithoutRivals_KeepsOnlyTheBest_AndAPrunedRivalCounts()
    {
        SuccessiveHalvingPruner pruner = new() { ReductionFactor = 4 };
        _others.Add(([5], TrialState.Pruned));

        Assert.True(Decide(pruner, 6).ShouldStop);
        Assert.False(Decide(pruner, 4).ShouldStop);
    }

    [Fact]
    public void Asha_SkippingARung_IsJudgedWhereItArrives()
    {
        SuccessiveHalvingPruner pruner = new() { ReductionFactor = 2, EarlyStoppingRate = 1 }; // rungs 2, 4, 8, …
        Complete([1, 1, 1, 1, 1]);
        TrialHistory history = History();
        TrialRecord trial = Begin(history, [9]);

        Assert.False(pruner.Decide(history, trial).ShouldStop);
        trial.Report(5, 9);
        PruningDecision decision = pruner.Decide(history, trial);
        Assert.True(decision.ShouldStop);
        Assert.Contains("rung 4", decision.Reason!, StringComparison.Ordinal);
    }

    [Fact]
    public void Hyperband_BracketsBeginLaterAndLater_EachWithItsPartOfTheTrials()
    {
        // R = 9, r = 1, η = 3: brackets begin at 1, 3 and 9, with 9 : 5 : 3 of the trials.
        HyperbandPruner pruner = new() { MinimumResource = 1, MaximumResource = 9, ReductionFactor = 3 };
        Dictionary<long, int> firstRungs = [];
        for (int i = 0; i < 340; i++)
        {
            Complete([.. Enumerable.Repeat(0.0, 9)]);
        }

        TrialHistory history = History();
        for (int i = 0; i < 340; i++)
        {
            TrialRecord bad = Begin(history, []);
            long stopped = 0;
            for (long step = 1; step <= 9 && stopped == 0; step++)
            {
                bad.Report(step, 1);
                stopped = pruner.Decide(history, bad).ShouldStop ? step : 0;
            }

            firstRungs[stopped] = firstRungs.GetValueOrDefault(stopped) + 1;
            history.Finish(bad, TrialState.Pruned, []);
        }

        Assert.Equal([0, 1, 3], firstRungs.Keys.Order());
        Assert.InRange(firstRungs[1], 150, 210); // 180 expected
        Assert.InRange(firstRungs[3], 70, 130); // 100
        Assert.InRange(firstRungs[0], 35, 85); // 60: the bracket that never stops
    }

    [Fact]
    public void Hyperband_WithoutAMaximum_WaitsForTheFirstCompleteTrial()
    {
        HyperbandPruner pruner = new();
        TrialHistory history = History();
        TrialRecord[] running = [.. Enumerable.Range(0, 20).Select(i => Begin(history, [i]))];
        Assert.All(running, trial => Assert.False(pruner.Decide(history, trial).ShouldStop));

        history.Finish(Begin(history, [.. Enumerable.Repeat(0.0, 27)]), TrialState.Complete, [0]);
        Assert.Contains(running, trial => pruner.Decide(history, trial).ShouldStop);
    }

    [Fact]
    public void Wilcoxon_StopsWhatIsWorseOnTheSameFolds()
    {
        double[] best = [1, 5, 2, 8, 3, 7];
        Complete(best);
        WilcoxonPruner pruner = new();

        // With n folds all worse, p = 2⁻ⁿ: below 0.1 from four on.
        double[] worse = [.. best.Select(static (value, fold) => value + 0.1 + (0.01 * fold))];
        Assert.Equal([false, false, false, true, true, true], Enumerable.Range(1, 6).Select(count => Decide(pruner, worse[..count]).ShouldStop));
        Assert.Contains("p = 0.0625", Decide(pruner, worse[..4]).Reason!, StringComparison.Ordinal);

        // The folds differ far more than the trials: an unpaired test would see nothing.
        Assert.False(Decide(pruner, [.. best.Select(static (value, fold) => value + (fold % 2 == 0 ? 0.1 : -0.1))]).ShouldStop);
        Assert.False(Decide(pruner, [.. best.Select(static value => value - 0.1)]).ShouldStop);
    }

    /// <summary>The decision on a trial with these values at steps 1, 2, …, beside the others.</summary>
    private PruningDecision Decide(IPruner pruner, params double[] reports)
    {
        TrialHistory history = History();
        return pruner.Decide(history, Begin(history, reports));
    }

    private void Complete(double[] reports) => _others.Add((reports, TrialState.Complete));

    private TrialHistory History()
    {
        TrialHistory history = new(Space, [Direction.Minimize]);
        foreach ((double[] reports, TrialState state) in _others)
        {
            history.Finish(Begin(history, reports), state, state == TrialState.Complete ? [reports[^1]] : []);
        }

        return history;
    }

    private static TrialRecord Begin(TrialHistory history, double[] reports)
    {
        TrialRecord trial = history.Add(Space.FromUnit([0.5]));
        trial.State = TrialState.Running;
        for (int i = 0; i < reports.Length; i++)
        {
            trial.Report(i + 1, reports[i]);
        }

        return trial;
    }
}
