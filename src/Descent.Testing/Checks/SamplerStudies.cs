using Descent.Tuning;

namespace Descent.Testing.Checks;

/// <summary>Spaces and histories that samplers are tried on.</summary>
internal static class SamplerStudies
{
    public static IReadOnlyList<(string Name, SearchSpace Space)> Spaces { get; } =
    [
        ("continuous", new SearchSpace(Parameter.Uniform("x", -5, 10), Parameter.Log("rate", 1e-5, 1e-1), Parameter.Uniform("y", 0, 1))),
        ("mixed", new SearchSpace(
            Parameter.Log("rate", 1e-5, 1),
            Parameter.Integer("layers", 1, 8),
            Parameter.IntegerLog("width", 16, 1024),
            Parameter.Step("momentum", 0.5, 0.95, 0.05),
            Parameter.Choice("kind", "adamw", "lion", "sgd"),
            Parameter.Ordinal("batch", 8, 16, 64),
            Parameter.Choice("flag", true, false))),
        ("conditional", new SearchSpace(
            Parameter.Choice("model", "tree", "net"),
            Parameter.Integer("depth", 2, 32).When("model == tree"),
            Parameter.Log("rate", 1e-5, 1e-1).When("model == net"),
            Parameter.Integer("layers", 1, 5).When("model == net"),
            Parameter.Uniform("dropout", 0, 0.8).When("layers > 1"))),
        ("constrained", new SearchSpace(Parameter.Integer("width", 8, 64, 8), Parameter.Integer("heads", 1, 8), Parameter.Uniform("x", 0, 1))
            .Where("width % heads == 0").Where("x * heads < 4")),
        ("small", new SearchSpace(Parameter.Integer("a", 0, 2), Parameter.Choice("b", "x", "y"))),
        ("single_value", new SearchSpace(Parameter.Integer("a", 4, 4), Parameter.Uniform("x", 0, 1))),
        ("one_dimension", new SearchSpace(Parameter.Uniform("x", 0, 1))),
        ("categorical", new SearchSpace(Parameter.Choice("a", "p", "q", "r"), Parameter.Choice("b", 1, 2, 3, 4))),
        ("empty", new SearchSpace()),
    ];

    /// <summary>A smooth loss over any space: a bowl around a point that is nowhere special.</summary>
    public static double Loss(TrialRecord trial)
    {
        double sum = 0;
        for (int j = 0; j < trial.Unit.Length; j++)
        {
            double distance = double.IsNaN(trial.Unit[j]) ? 0.4 : trial.Unit[j] - 0.3 - (0.05 * j);
            sum += distance * distance;
        }

        return sum;
    }

    /// <summary>The next proposal as a study asks for it: again with other numbers where a constraint is broken.</summary>
    public static Proposal? Ask(ISampler sampler, TrialHistory history, long seed)
    {
        Proposal? proposal = null;
        for (int attempt = 0; attempt < 100; attempt++)
        {
            proposal = sampler.Propose(history, history.Space, new CounterRandom(seed, history.Trials.Count, attempt));
            if (proposal is null || history.Space.IsFeasible(proposal.Configuration))
            {
                break;
            }
        }

        return proposal;
    }

    public static TrialRecord Add(TrialHistory history, Proposal proposal)
    {
        TrialRecord trial = history.Add(proposal.Configuration);
        (trial.Parent, trial.Tag, trial.State) = (proposal.Parent, proposal.Tag, TrialState.Running);
        return trial;
    }

    /// <summary>Ends a trial in one of all the ways in which trials end, by its number.</summary>
    public static void FinishSomehow(TrialHistory history, TrialRecord trial, int kind)
    {
        double[] Objectives(double value) => [.. history.Directions.Select((direction, i) => direction == Direction.Minimize ? value + i : -value - i)];
        double loss = Loss(trial);
        trial.Duration = TimeSpan.FromSeconds(kind % 5);
        switch (kind % 9)
        {
            case 0: history.Finish(trial, TrialState.Failed, [], reason: "out of memory"); break;
            case 1: history.Finish(trial, TrialState.Pruned, []); break;
            case 2:
                trial.Report(1, loss + 1);
                trial.Report(3, kind % 2 == 0 ? double.NaN : loss + 0.5);
                history.Finish(trial, TrialState.Pruned, []);
                break;
            case 3: history.Finish(trial, TrialState.Complete, Objectives(double.NaN)); break;
            case 4: history.Finish(trial, TrialState.Complete, Objectives(kind % 2 == 0 ? double.PositiveInfinity : double.NegativeInfinity)); break;
            case 5: history.Finish(trial, TrialState.Complete, Objectives(loss), violation: kind % 2 == 0 ? loss : double.PositiveInfinity); break;
            case 6: history.Finish(trial, TrialState.Complete, Objectives(1e300 * loss)); break;
            default: history.Finish(trial, TrialState.Complete, Objectives(loss)); break;
        }
    }
}
