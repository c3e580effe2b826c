using System.Diagnostics;
using System.Globalization;
using Descent.Tuning.Samplers;

namespace Descent.Tuning.Bench;

/// <summary>What suggestions cost: the first hundred of a study, and one after ten thousand trials. Options: --samplers a,b, --many 10000.</summary>
internal static class SuggestionBench
{
    private const int Repeats = 9;

    public static void Run(string[] args)
    {
        Arguments options = new(args);
        int many = options.Number("many", 10_000);
        Problem problem = Problems.Shared.First(static problem => problem.Name == "mixed");
        Console.WriteLine($"Median of {Repeats}, on {problem.Space.Count} parameters:");
        foreach (string sampler in options.List("samplers", "portfolio,tpe,tpe_multivariate,gp,cmaes"))
        {
            double[] seconds = new double[Repeats];
            double[] busy = new double[Repeats];
            for (int i = 0; i < Repeats; i++)
            {
                // The process's own time says more where others share the cores; it counts what is compiled on the way, too.
                TimeSpan before = Environment.CpuUsage.TotalTime;
                seconds[i] = StudyLoop.Run(SamplerCatalog.Create(sampler), problem, 100, i).Seconds;
                busy[i] = (Environment.CpuUsage.TotalTime - before).TotalSeconds;
            }

            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{sampler,-18} 100 suggestions {Median(seconds):0.000} s ({Median(busy):0.000} s of a core), the {many:N0}th {After(SamplerCatalog.Create(sampler), problem, many):0.00} ms"));
        }
    }

    /// <summary>Milliseconds of a suggestion after so many trials at points by chance, each of the last ones told before the next is asked for.</summary>
    private static double After(ISampler sampler, Problem problem, int trials)
    {
        TrialHistory history = new(problem.Space, [Direction.Minimize]);
        RandomSampler chance = new();
        for (int i = 0; i < trials - Repeats; i++)
        {
            Proposal proposal = chance.Propose(history, problem.Space, new CounterRandom(5, i));
            StudyLoop.Tell(history, proposal, problem.Evaluate(proposal.Configuration));
        }

        // The first one takes in all trials at once: a process that resumes a study pays that once.
        Proposer.Propose(sampler, history, 1);
        double[] times = new double[Repeats];
        for (int i = 0; i < Repeats; i++)
        {
            Stopwatch watch = Stopwatch.StartNew();
            Proposal proposal = Proposer.Propose(sampler, history, 1)!;
            times[i] = watch.Elapsed.TotalMilliseconds;
            StudyLoop.Tell(history, proposal, problem.Evaluate(proposal.Configuration));
        }

        return Median(times);
    }

    private static double Median(double[] values) => values.Order().ElementAt(values.Length / 2);
}
