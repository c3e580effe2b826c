// Races optimizers: every contender gets the same number of tuning runs, then three seeds at its best rate. Results are appended to a file, and
// runs that are in it already are not done again:
//   dotnet run -c Release --project bench/Descent.Race -- small|large RESULTS.jsonl [--workers 2] [--only name,name]
using System.Threading.Channels;
using Descent.Race;

if (args is ["worker"])
{
    Worker.Serve();
    return 0;
}

if (args.Length < 2)
{
    Console.Error.WriteLine("usage: Descent.Race small|large RESULTS.jsonl [--workers N] [--only name,name]");
    return 2;
}

RaceTask task = RaceTask.Named(args[0]);
var results = new Results(args[1]);
int workers = int.Parse(Option("--workers") ?? "2");
string[]? only = Option("--only")?.Split(',');
Channel<WorkerProcess> free = Channel.CreateUnbounded<WorkerProcess>();
WorkerProcess[] processes = [.. Enumerable.Range(0, workers).Select(static _ => new WorkerProcess())];
foreach (WorkerProcess process in processes)
{
    free.Writer.TryWrite(process);
}

var race = new Race(task, Contenders.Of(task).First(static entry => entry.Contender.Name == Contenders.Reference).Contender, results, async job =>
{
    WorkerProcess process = await free.Reader.ReadAsync();
    JobResult result = await process.RunAsync(job);
    free.Writer.TryWrite(process);
    return result;
});
await Task.WhenAll(Contenders.Of(task)
    .Where(entry => only is null || only.Contains(entry.Contender.Name))
    .Select(entry => race.EnterAsync(entry.Contender, entry.Challenger)));
foreach (WorkerProcess process in processes)
{
    process.Dispose();
}

return 0;

string? Option(string name) => Array.IndexOf(args, name) is var index and >= 0 && index + 1 < args.Length ? args[index + 1] : null;
