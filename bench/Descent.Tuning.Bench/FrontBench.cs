using System.Globalization;
using Descent.Tuning.Samplers;

namespace Descent.Tuning.Bench;

/// <summary>
/// How much of a Pareto front samplers find: the area between it and a reference point that trials lie below, as a part of the whole front's, after so many trials; a mean over seeds with its standard error.
/// Options: --samplers a,b, --problems a,b, --seeds 20, --first-seed 0, --trials 30,60,120.
/// </summary>
internal static class FrontBench
{
    public static void Run(string[] args)
    {
        Arguments options = new(args);
        int seeds = options.Number("seeds", 20);
        int first = options.Number("first-seed", 0);
        int[] marks = [.. options.List("trials", "30,60,120").Select(static text => int.Parse(text, CultureInfo.InvariantCulture))];
        string[] samplers = Names(options.Text("samplers", "random,nsga2,nsga2(population=20),tpe,tpe_multivariate,gp,portfolio"));
        FrontProblem[] problems = [.. FrontProblem.All.Where(problem => options.List("problems", problem.Name).Contains(problem.Name))];
        Console.WriteLine($"| problem | trials | {string.Join(" | ", samplers)} |");
        Console.WriteLine($"|---|---|{string.Concat(Enumerable.Repeat("---|", samplers.Length))}");
        foreach (FrontProblem problem in problems)
        {
            double[][][] found = [.. samplers.Select(sampler => Enumerable.Range(first, seeds).Select(seed => Study(sampler, problem, marks, seed)).ToArray())];
            for (int mark = 0; mark < marks.Length; mark++)
            {
                Console.WriteLine($"| {problem.Name} | {marks[mark]} | {string.Join(" | ", found.Select(runs => Cell([.. runs.Select(run => run[mark])])))} |");
            }
        }
    }

    // A comma within parentheses parts options, not samplers.
    private static string[] Names(string text)
    {
        List<string> names = [];
        int depth = 0;
        int start = 0;
        for (int i = 0; i <= text.Length; i++)
        {
            if (i == text.Length || (text[i] == ',' && depth == 0))
            {
                names.Add(text[start..i]);
                start = i + 1;
            }
            else
            {
                depth += text[i] == '(' ? 1 : text[i] == ')' ? -1 : 0;
            }
        }

        return [.. names];
    }

    private static double[] Study(string sampler, FrontProblem problem, int[] marks, long seed)
    {
        TrialHistory history = new(problem.Space, [Direction.Minimize, Direction.Minimize]);
        ISampler chosen = SamplerCatalog.Create(sampler);
        List<double> areas = [];
        while (history.Trials.Count < marks[^1] && Proposer.Propose(chosen, history, seed) is { } proposal)
        {
            TrialRecord trial = history.Add(proposal.Configuration);
            (trial.Parent, trial.Tag) = (proposal.Parent, proposal.Tag);
            history.Finish(trial, TrialState.Complete, problem.Evaluate(proposal.Configuration));
            if (marks.Contains(history.Trials.Count))
            {
                areas.Add(problem.Share(history.Front().Select(static one => (one.Objectives[0], one.Objectives[1]))));
            }
        }

        return [.. areas];
    }

    private static string Cell(double[] values)
    {
        double mean = values.Average();
        double error = Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / Math.Max(1, values.Length - 1) / values.Length);
        return string.Create(CultureInfo.InvariantCulture, $"{mean:0.000} ± {error:0.000}");
    }
}
