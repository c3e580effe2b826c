namespace Descent.Race;

/// <summary>Tunes a contender's rate, then runs it with several seeds.</summary>
internal sealed class Race(RaceTask task, Contender reference, Results results, Func<Job, Task<JobResult>> run)
{
    /// <summary>Fractions of the full run's steps that a challenger is given: each a run of its own, its schedule laid out over its steps.</summary>
    private static readonly double[] Fractions = [0.4, 0.5, 0.6, 0.7, 0.85];

    /// <summary>Where a challenger begins: at the fraction that a good one is expected to reach.</summary>
    private const int FirstFraction = 1;

    private readonly Lock _gate = new();
    private Task<(double Rate, double Loss)>? _reference;

    /// <summary>
    /// Tries rates a factor of 2 apart, uphill and downhill from the start, until the best has worse ones on both sides or the budget is spent.
    /// </summary>
    public async Task<double> TuneAsync(Contender contender)
    {
        var tried = new SortedDictionary<int, double>();
        int best = 0;
        while (tried.Count < RaceTask.TuningBudget)
        {
            int next = !tried.ContainsKey(best) ? best : !tried.ContainsKey(best + 1) ? best + 1 : !tried.ContainsKey(best - 1) ? best - 1 : int.MaxValue;
            if (next == int.MaxValue)
            {
                break;
            }

            JobResult result = await DoAsync(contender.At(task, Rate(contender, next), RaceTask.Seeds[0], task.TuningSteps)).ConfigureAwait(false);
            tried.Add(next, result.Score());
            best = tried.MinBy(static entry => entry.Value).Key;
        }

        return Rate(contender, best);
    }

    public Task<JobResult[]> RunSeedsAsync(Contender contender, double rate, int steps) =>
        Task.WhenAll(RaceTask.Seeds.Select(seed => DoAsync(contender.At(task, rate, seed, steps))));

    /// <summary>Tunes and runs; a challenger runs shorter schedules, a variant of the reference runs at its rate.</summary>
    public async Task EnterAsync(Contender contender, bool challenger)
    {
        if (contender.RateOfReference)
        {
            (double known, _) = await ReferenceAsync().ConfigureAwait(false);
            await RunSeedsAsync(contender, known, task.Steps).ConfigureAwait(false);
            return;
        }

        if (!challenger)
        {
            await (contender.Name == reference.Name ? ReferenceAsync() : FinishAsync(contender)).ConfigureAwait(false);
            return;
        }

        double rate = await TuneAsync(contender).ConfigureAwait(false);
        (_, double target) = await ReferenceAsync().ConfigureAwait(false);
        await BracketAsync(contender, rate, target).ConfigureAwait(false);
    }

    /// <summary>Looks for two neighbouring fractions of which every seed reaches the target in the longer and not in the shorter one.</summary>
    private async Task BracketAsync(Contender contender, double rate, double target)
    {
        bool? before = null;
        for (int i = FirstFraction; i >= 0 && i < Fractions.Length;)
        {
            JobResult[] runs = await RunSeedsAsync(contender, rate, (int)Math.Round(Fractions[i] * task.Steps)).ConfigureAwait(false);
            bool reached = runs.All(run => run.Score() <= target);
            if (before is { } other && other != reached)
            {
                return;
            }

            before = reached;
            i += reached ? -1 : 1;
        }
    }

    private Task<(double Rate, double Loss)> ReferenceAsync()
    {
        lock (_gate)
        {
            return _reference ??= FinishAsync(reference);
        }
    }

    private async Task<(double Rate, double Loss)> FinishAsync(Contender contender)
    {
        double rate = await TuneAsync(contender).ConfigureAwait(false);
        JobResult[] runs = await RunSeedsAsync(contender, rate, task.Steps).ConfigureAwait(false);
        return (rate, runs.Average(static run => run.Score()));
    }

    private static double Rate(Contender contender, int exponent) => contender.LearningRate * Math.Pow(2, exponent);

    private async Task<JobResult> DoAsync(Job job)
    {
        if (results.Find(job) is { } known)
        {
            return known;
        }

        JobResult result = await run(job).ConfigureAwait(false);
        results.Add(result);
        Console.WriteLine($"{job.Task} {job.Contender,-24} rate {job.LearningRate,-8:G3} seed {job.Seed} steps {job.Steps,4}: {result.Loss?.ToString("F4") ?? "diverged",9}  {result.Seconds:F0} s");
        return result;
    }
}
