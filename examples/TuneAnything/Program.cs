// Tunes a compressor: which one, with which settings, in pieces of which size, makes a text small while pieces of it can still be read by themselves?
// Nothing here has to do with training; any function can stand in its place. Give a file, and the study lies in it: two runs of this program at
// the same time share the work, and a third goes on where they stopped.
//   dotnet run -c Release --project examples/TuneAnything [tuning.db]
using Descent.Tuning;
using Descent.Tuning.Pruners;
using TuneAnything;

string journal = args is [var given] ? given : "memory:";
byte[] text = SampleText.Make(150_000);

SearchSpace space = new SearchSpace(
    Parameter.Choice("method", "brotli", "deflate"),
    Parameter.Integer("quality", 0, 11).When("method == brotli"),
    Parameter.Integer("window", 10, 24).When("method == brotli"),
    Parameter.Choice("level", "fastest", "optimal", "smallest").When("method == deflate"),
    Parameter.IntegerLog("piece", 1_000, 100_000))
    .Where("method == deflate or piece >= 2000");

await using Study study = await Study.OpenAsync(journal, "compressor", new StudyOptions { Space = space, Pruner = new MedianPruner() });
await study.OptimizeAsync(
    async (trial, cancellation) =>
    {
        Compressor compressor = Compressor.Of(trial.Configuration);
        int piece = (int)trial.Configuration.Integer("piece");
        double cost = 0;
        for (int tenth = 1; tenth <= 10; tenth++)
        {
            cost = compressor.Cost(text.AsSpan(0, text.Length * tenth / 10), piece);
            PruningDecision decision = await trial.ReportAsync(tenth, cost, cancellation);
            if (decision.ShouldStop)
            {
                return TrialResult.Pruned();
            }
        }

        return cost;
    },
    new OptimizeOptions { Trials = 60, Workers = 2, Limits = new TrialLimits { Time = TimeSpan.FromMinutes(1) } });

TrialRecord best = (await study.BestAsync())!;
(int complete, int pruned, TrialRecord first) = await study.ViewAsync(static history => (
    history.Finished.Count(static trial => trial.State == TrialState.Complete),
    history.Finished.Count(static trial => trial.State == TrialState.Pruned),
    history.Finished.First(static trial => trial.State == TrialState.Complete)));
Console.WriteLine($"{complete} trials went to their end, {pruned} were stopped early.");
Console.WriteLine($"first  {first.Objectives[0]:F4}  {first.Configuration}");
Console.WriteLine($"best   {best.Objectives[0]:F4}  {best.Configuration}");
if (complete + pruned != 60 || best.Objectives[0] >= first.Objectives[0])
{
    Console.Error.WriteLine("Trials are missing, or nothing was found.");
    return 1;
}

return 0;
