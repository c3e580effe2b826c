using Descent.Tuning;

namespace Descent.Testing.Checks;

/// <summary>The checks of <see cref="SamplerContract"/>.</summary>
internal static class SamplerChecks
{
    private const int Trials = 45;

    public static void ProposesPointsOfTheSpace(Func<ISampler> create)
    {
        foreach ((string name, SearchSpace space) in SamplerStudies.Spaces)
        {
            Run(create(), name, new TrialHistory(space, [Direction.Minimize]), Trials, (history, trial) => history.Finish(trial, TrialState.Complete, [SamplerStudies.Loss(trial)]));
        }
    }

    public static void WorksWithEveryEndOfTrials(Func<ISampler> create)
    {
        foreach ((string name, SearchSpace space) in SamplerStudies.Spaces)
        {
            for (int first = 0; first < 9; first += 4)
            {
                int shift = first;
                Run(create(), name, new TrialHistory(space, [Direction.Minimize]), Trials, (history, trial) => SamplerStudies.FinishSomehow(history, trial, trial.Number + shift));
            }
        }
    }

    public static void WorksWhenAllTrialsEndAlike(Func<ISampler> create)
    {
        foreach ((string name, SearchSpace space) in SamplerStudies.Spaces)
        {
            Run(create(), name, new TrialHistory(space, [Direction.Maximize]), Trials, static (history, trial) => history.Finish(trial, TrialState.Complete, [1]));
            foreach (int kind in (int[])[0, 1, 3, 4, 5])
            {
                Run(create(), name, new TrialHistory(space, [Direction.Maximize]), 20, (history, trial) => SamplerStudies.FinishSomehow(history, trial, kind));
            }
        }
    }

    public static void WorksWithSeveralObjectives(Func<ISampler> create)
    {
        foreach ((string name, SearchSpace space) in SamplerStudies.Spaces)
        {
            Run(create(), name, new TrialHistory(space, [Direction.Minimize, Direction.Maximize]), Trials, static (history, trial) =>
            {
                if (trial.Number % 4 == 3)
                {
                    SamplerStudies.FinishSomehow(history, trial, trial.Number);
                }
                else
                {
                    history.Finish(trial, TrialState.Complete, [SamplerStudies.Loss(trial), trial.Unit is [var first, ..] && !double.IsNaN(first) ? first : 0]);
                }
            });
        }
    }

    /// <summary>Eight workers: several trials are always running, and end in another order than they began.</summary>
    public static void WorksWithParallelTrials(Func<ISampler> create)
    {
        foreach ((string name, SearchSpace space) in SamplerStudies.Spaces)
        {
            TrialHistory history = new(space, [Direction.Minimize]);
            ISampler sampler = create();
            CounterRandom order = new(5);
            List<TrialRecord> running = [];
            for (int i = 0; i < Trials; i++)
            {
                if (Propose(sampler, name, history) is not { } trial)
                {
                    break;
                }

                running.Add(trial);
                while (running.Count > 7)
                {
                    int which = (int)order.NextInteger(running.Count);
                    TrialRecord ending = running[which];
                    running.RemoveAt(which);
                    history.Finish(ending, TrialState.Complete, [SamplerStudies.Loss(ending)]);
                }
            }
        }
    }

    /// <summary>A sampler that saw the study grow proposes what one proposes that sees it for the first time: it may be resumed by another process at any trial.</summary>
    public static void RemembersNothingThatMatters(Func<ISampler> create)
    {
        foreach ((string name, SearchSpace space) in SamplerStudies.Spaces)
        {
            TrialHistory history = new(space, [Direction.Minimize]);
            ISampler old = create();
            List<TrialRecord> running = [];
            for (int i = 0; i < Trials; i++)
            {
                Proposal? expected = SamplerStudies.Ask(old, history, 3);
                Proposal? actual = SamplerStudies.Ask(create(), history, 3);
                Require(Same(expected, actual), name, i, $"a sampler that saw all trials before proposes {Shown(expected)}, a new one {Shown(actual)}");
                Proposal? again = SamplerStudies.Ask(old, history, 3);
                Require(Same(expected, again), name, i, $"asked twice without a change it proposes {Shown(expected)} and {Shown(again)}");
                if (expected is null)
                {
                    break;
                }

                running.Add(SamplerStudies.Add(history, expected));
                if (i % 3 != 1)
                {
                    SamplerStudies.FinishSomehow(history, running[0], running[0].Number + 7);
                    running.RemoveAt(0);
                }
            }
        }
    }

    /// <summary>One sampler asked by two studies in turn gives each what it would get alone.</summary>
    public static void KeepsStudiesApart(Func<ISampler> create)
    {
        (string name, SearchSpace space) = SamplerStudies.Spaces[1];
        ISampler shared = create();
        ISampler[] alone = [create(), create()];
        TrialHistory[] histories = [new(space, [Direction.Minimize]), new(space, [Direction.Maximize])];
        for (int i = 0; i < 2 * Trials; i++)
        {
            int which = i % 2;
            Proposal? expected = SamplerStudies.Ask(alone[which], histories[which], 11);
            Proposal? actual = SamplerStudies.Ask(shared, histories[which], 11);
            Require(Same(expected, actual), name, i, $"beside another study it proposes {Shown(actual)}, alone {Shown(expected)}");
            if (expected is null)
            {
                return;
            }

            TrialRecord trial = SamplerStudies.Add(histories[which], expected);
            histories[which].Finish(trial, TrialState.Complete, [SamplerStudies.Loss(trial)]);
        }
    }

    public static void MaximizeMirrorsMinimize(Func<ISampler> create)
    {
        foreach ((string name, SearchSpace space) in SamplerStudies.Spaces)
        {
            (ISampler down, ISampler up) = (create(), create());
            TrialHistory least = new(space, [Direction.Minimize]);
            TrialHistory most = new(space, [Direction.Maximize]);
            for (int i = 0; i < Trials; i++)
            {
                Proposal? expected = SamplerStudies.Ask(down, least, 2);
                Proposal? actual = SamplerStudies.Ask(up, most, 2);
                Require(Same(expected, actual), name, i, $"minimizing f it proposes {Shown(expected)}, maximizing −f {Shown(actual)}");
                if (expected is null)
                {
                    break;
                }

                TrialRecord one = SamplerStudies.Add(least, expected);
                TrialRecord other = SamplerStudies.Add(most, actual!);
                least.Finish(one, TrialState.Complete, [SamplerStudies.Loss(one)]);
                most.Finish(other, TrialState.Complete, [-SamplerStudies.Loss(other)]);
            }
        }
    }

    /// <summary>Trials that are there already, from elsewhere: hundreds, none of them its own.</summary>
    public static void WorksAfterManyForeignTrials(Func<ISampler> create)
    {
        foreach ((string name, SearchSpace space) in SamplerStudies.Spaces)
        {
            TrialHistory history = new(space, [Direction.Minimize]);
            CounterRandom random = new(1);
            for (int i = 0; i < 400; i++)
            {
                double[] unit = [.. Enumerable.Range(0, space.Count).Select(_ => random.NextDouble())];
                TrialRecord trial = history.Add(space.FromUnit(unit));
                history.Finish(trial, TrialState.Complete, [SamplerStudies.Loss(trial)]);
            }

            Run(create(), name, history, 5, static (study, trial) => study.Finish(trial, TrialState.Complete, [SamplerStudies.Loss(trial)]));
        }
    }

    private static void Run(ISampler sampler, string name, TrialHistory history, int trials, Action<TrialHistory, TrialRecord> finish)
    {
        for (int i = 0; i < trials; i++)
        {
            if (Propose(sampler, name, history) is not { } trial)
            {
                return;
            }

            finish(history, trial);
        }
    }

    private static TrialRecord? Propose(ISampler sampler, string name, TrialHistory history)
    {
        int number = history.Trials.Count;
        Proposal? proposal = SamplerStudies.Ask(sampler, history, 1);
        Require(history.Trials.Count == number, name, number, "it changed the history");
        if (proposal is null)
        {
            return null;
        }

        CheckPoint(name, history, proposal);
        return SamplerStudies.Add(history, proposal);
    }

    private static void CheckPoint(string name, TrialHistory history, Proposal proposal)
    {
        SearchSpace space = history.Space;
        int number = history.Trials.Count;
        List<string> expected = [];
        for (int j = 0; j < space.Count; j++)
        {
            Parameter parameter = space.Parameters[j];
            if (!space.IsActive(j, proposal.Configuration))
            {
                continue;
            }

            expected.Add(parameter.Name);
            Require(proposal.Configuration.TryGetValue(parameter.Name, out ParameterValue value), name, number, $"{parameter.Name} is missing in {proposal.Configuration}");
            Require(parameter.Contains(value), name, number, $"{parameter.Name} is {value}; allowed: {parameter}");
        }

        Require(proposal.Configuration.Keys.SequenceEqual(expected), name, number, $"{proposal.Configuration} has other parameters than {string.Join(", ", expected)}");
        Require(space.IsFeasible(proposal.Configuration), name, number, $"{proposal.Configuration} breaks a constraint, a hundred times asked");
        Require(proposal.Parent is not { } parent || (parent >= 0 && parent < number && history.Trials[parent].IsFinished), name, number, $"its parent is {proposal.Parent}, which is no finished trial");
    }

    private static bool Same(Proposal? a, Proposal? b) =>
        ReferenceEquals(a, b) || (a is not null && b is not null && a.Configuration.Equals(b.Configuration) && a.Parent == b.Parent && a.Tag == b.Tag);

    private static string Shown(Proposal? proposal) => proposal is null ? "nothing" : $"({proposal.Configuration})";

    private static void Require(bool isKept, string space, int number, string what)
    {
        if (!isKept)
        {
            throw new ContractException($"In the space '{space}', after {number} trials: {what}.");
        }
    }
}
