// Which way to shorten a round trip is best? Each gets the same number of trials to find its settings, then all run through the same twelve maps, and a paired test says
// what may be concluded. Nothing here has to do with training; any randomized method can stand in its place.
//   dotnet run -c Release --project examples/CompareAnything [race.db]
using CompareAnything;
using Descent.Tuning;
using Descent.Tuning.Races;

string journal = args is [var given] ? given : "memory:";
const int Steps = 200_000, Report = 20_000;

Contender greedy = new() { Name = "greedy", Space = new SearchSpace() };
Contender threshold = new() { Name = "threshold", Space = new SearchSpace(Parameter.Log("level", 1e-3, 1)), Widened = ["level"] };
Contender annealing = new() { Name = "annealing", Space = new SearchSpace(Parameter.Log("level", 1e-3, 1)), Widened = ["level"] };

await using Race race = await Race.OpenAsync(journal, "tours", new RaceOptions { Contenders = [greedy, threshold, annealing], Trials = 12, Seeds = 12, Workers = 2 });
await race.RunAsync(async (run, cancellation) =>
{
    var tour = new Tour(run.Seed);
    var random = new CounterRandom(run.Seed, 1);
    int steps = (int)(Steps * run.Length);
    for (int step = 1; step <= steps; step++)
    {
        // Worse tours are taken at first, and less and less so.
        double left = 1 - (step / (double)steps), level = run.Contender == greedy ? 0 : run.Configuration.Number("level") * left;
        (int first, int second) = Tour.Draw(random);
        double change = tour.Change(first, second);
        bool taken = run.Contender == annealing ? random.NextDouble() < Math.Exp(-change / Math.Max(level, 1e-12)) : change <= level;
        if (taken)
        {
            tour.Turn(first, second, change);
        }

        if (step % Report == 0 && (await run.Trial.ReportAsync(step, tour.Length, cancellation)).ShouldStop)
        {
            return TrialResult.Pruned();
        }
    }

    return tour.Length;
});

RaceResult result = await race.ResultAsync();
foreach (RaceEntry entry in result.Entries)
{
    Console.WriteLine($"{entry.Name,-10} {entry.Final!.Value.Mean:F3} ± {entry.Final.Value.HalfWidth:F3}  p {entry.AgainstBest?.AdjustedPValue:G2}  {entry.Settings}");
}

Console.WriteLine(result.Verdict.Sentence);
if (result.Verdict.Best == "greedy" || result.Entries.Any(static entry => entry.Runs.Count != 12))
{
    Console.Error.WriteLine("Runs are missing, or nothing was learned.");
    return 1;
}

return 0;
