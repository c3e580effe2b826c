using Descent.Tuning;

namespace Descent.Testing.Checks;

/// <summary>The checks of <see cref="PrunerContract"/>.</summary>
internal static class PrunerChecks
{
    private const int Steps = 27;
    private static readonly SearchSpace Space = new(Parameter.Uniform("quality", 0, 1));

    public static void GoesOnWithoutEvidence(IPruner pruner)
    {
        TrialHistory history = new(Space, [Direction.Minimize]);
        TrialRecord alone = Begin(history, 0.5);
        Require(!pruner.Decide(history, alone).ShouldStop, "it stops a trial that has reported nothing");
        for (int step = 0; step <= Steps; step++)
        {
            alone.Report(step, Curve(0.5, step));
            Require(!pruner.Decide(history, alone).ShouldStop, $"it stops the first trial, which has improved at every step, at step {step}");
        }
    }

    /// <summary>A trial that improves at every step and is ahead of all others at each is never stopped.</summary>
    public static void NeverStopsTheBest(IPruner pruner)
    {
        foreach (Direction direction in (Direction[])[Direction.Minimize, Direction.Maximize])
        {
            TrialHistory history = Grown(pruner, direction, 40);
            TrialRecord best = Begin(history, 1.5);
            for (int step = 0; step <= Steps; step++)
            {
                best.Report(step, Signed(direction, Curve(1.5, step)));
                PruningDecision decision = pruner.Decide(history, best);
                Require(!decision.ShouldStop, $"it stops a trial that is ahead of all others, at step {step}: {decision.Reason}");
            }
        }
    }

    public static void IsAFunctionOfTheHistory(IPruner pruner)
    {
        TrialHistory history = Grown(pruner, Direction.Minimize, 30);
        TrialRecord trial = Begin(history, 0.3);
        for (int step = 0; step <= Steps; step++)
        {
            trial.Report(step, Curve(0.3, step));
            (int trials, int reports) = (history.Trials.Count, history.Trials.Sum(static other => other.Reported.Count));
            PruningDecision first = pruner.Decide(history, trial);
            Require(first == pruner.Decide(history, trial), $"asked twice at step {step} it answers differently");
            Require(history.Trials.Count == trials && history.Trials.Sum(static other => other.Reported.Count) == reports, "it changed the history");
            Require(!first.ShouldStop || !string.IsNullOrWhiteSpace(first.Reason), "it stops a trial without a reason");
        }
    }

    public static void MaximizeMirrorsMinimize(IPruner pruner)
    {
        TrialHistory least = new(Space, [Direction.Minimize]);
        TrialHistory most = new(Space, [Direction.Maximize]);
        CounterRandom random = new(4);
        for (int i = 0; i < 40; i++)
        {
            double quality = random.NextDouble();
            (TrialRecord down, TrialRecord up) = (Begin(least, quality), Begin(most, quality));
            bool stopped = false;
            for (int step = 1; step <= Steps && !stopped; step++)
            {
                double value = Curve(quality, step) + (0.05 * random.NextNormal());
                down.Report(step, value);
                up.Report(step, -value);
                stopped = pruner.Decide(least, down).ShouldStop;
                Require(stopped == pruner.Decide(most, up).ShouldStop, $"at step {step} of trial {i} it decides differently when the values change their sign with the direction");
            }

            End(least, down, stopped);
            End(most, up, stopped);
        }
    }

    public static void WorksWithValuesThatAreNoNumbers(IPruner pruner)
    {
        double[] odd = [double.NaN, double.PositiveInfinity, double.NegativeInfinity, 1e308, -1e308, 0];
        foreach (Direction direction in (Direction[])[Direction.Minimize, Direction.Maximize])
        {
            TrialHistory history = new(Space, [direction]);
            CounterRandom random = new(9);
            for (int i = 0; i < 40; i++)
            {
                TrialRecord trial = Begin(history, random.NextDouble());
                bool stopped = false;
                for (long step = 0; step < 30 && !stopped; step += 1 + random.NextInteger(3))
                {
                    trial.Report(step, random.NextDouble() < 0.3 ? odd[random.NextInteger(odd.Length)] : random.NextNormal());
                    stopped = pruner.Decide(history, trial).ShouldStop;
                }

                if (i % 5 == 0)
                {
                    history.Finish(trial, TrialState.Failed, []);
                }
                else if (i % 7 != 0)
                {
                    End(history, trial, stopped); // every seventh runs on
                }
            }
        }
    }

    public static void WorksWithStepsOfAnySize(IPruner pruner)
    {
        TrialHistory history = new(Space, [Direction.Minimize]);
        for (int i = 0; i < 20; i++)
        {
            TrialRecord trial = Begin(history, i / 20.0);
            foreach (long step in (long[])[0, 1, 1_000_000, long.MaxValue / 2, long.MaxValue])
            {
                trial.Report(step, Curve(i / 20.0, 3));
                pruner.Decide(history, trial);
            }

            End(history, trial, stopped: false);
        }
    }

    /// <summary>A study of trials that improve, the good ones faster, as the pruner lets them.</summary>
    private static TrialHistory Grown(IPruner pruner, Direction direction, int trials)
    {
        TrialHistory history = new(Space, [direction]);
        CounterRandom random = new(2);
        for (int i = 0; i < trials; i++)
        {
            double quality = random.NextDouble();
            TrialRecord trial = Begin(history, quality);
            bool stopped = false;
            for (int step = 0; step <= Steps && !stopped; step++)
            {
                trial.Report(step, Signed(direction, Curve(quality, step)));
                stopped = pruner.Decide(history, trial).ShouldStop;
            }

            End(history, trial, stopped);
        }

        return history;
    }

    private static double Curve(double quality, long step) => 2 - quality + Math.Exp(-0.2 * step);

    private static double Signed(Direction direction, double loss) => direction == Direction.Minimize ? loss : -loss;

    private static TrialRecord Begin(TrialHistory history, double quality)
    {
        TrialRecord trial = history.Add(Space.FromUnit([Math.Clamp(quality, 0, 1)]));
        trial.State = TrialState.Running;
        return trial;
    }

    private static void End(TrialHistory history, TrialRecord trial, bool stopped)
    {
        if (stopped)
        {
            history.Finish(trial, TrialState.Pruned, []);
        }
        else
        {
            history.Finish(trial, TrialState.Complete, [trial.Reported[^1].Value]);
        }
    }

    private static void Require(bool isKept, string what)
    {
        if (!isKept)
        {
            throw new ContractException($"The pruner: {what}.");
        }
    }
}
