using System.Diagnostics;
<<<<<<< HEAD
using System.Text.Json;
using Descent.Tuning;
using Descent.Tuning.Bench;
using Descent.Tuning.Samplers;

string Option(string name, string fallback) { int i = Array.IndexOf(args, "--" + name); return i >= 0 ? args[i + 1] : fallback; }
foreach (string setting in Option("set", "").Split(',', StringSplitOptions.RemoveEmptyEntries))
{
    string[] kv = setting.Split('=');
    string[] tp = kv[0].Split('.');
    var f = typeof(ISampler).Assembly.GetType("Descent.Tuning.Samplers." + tp[0])!.GetField(tp[1])!;
    f.SetValue(null, f.FieldType == typeof(int) ? int.Parse(kv[1]) : f.FieldType == typeof(bool) ? bool.Parse(kv[1]) : (object)double.Parse(kv[1]));
}

int seeds = int.Parse(Option("seeds", "20"));
int first = int.Parse(Option("first", "0"));
int trials = int.Parse(Option("trials", "100"));
List<Problem> problems = [.. (Option("tables", "") is { Length: > 0 } folder ? TableProblem.ReadAll(folder) : []), .. Problems.Shared, .. Problems.Others];
if (Option("problems", "") is { Length: > 0 } wanted) problems = [.. wanted.Split(',').Select(n => problems.First(p => p.Name == n))];
string[] samplers = Option("samplers", "random").Split(',');
Dictionary<(string, string), List<double>> peers = [];
if (Option("optuna", "") is { Length: > 0 } file)
    foreach (string line in File.ReadLines(file))
    {
        var e = JsonDocument.Parse(line).RootElement;
        var key = (e.GetProperty("problem").GetString()!, e.GetProperty("sampler").GetString()!);
        if (!peers.TryGetValue(key, out var l)) peers[key] = l = [];
        l.Add(e.GetProperty("best").GetProperty(trials.ToString()).GetDouble());
    }
string[] peerNames = [.. peers.Keys.Select(k => k.Item2).Distinct()];
Console.WriteLine($"{"problem",-16}" + string.Concat(peerNames.Select(n => $"{"o:" + n,18}")) + string.Concat(samplers.Select(n => $"{n,26}")));
double[] meanLog = new double[samplers.Length]; double[] logSum = new double[samplers.Length];
foreach (Problem p in problems)
{
    var cells = new List<string>();
    foreach (string n in peerNames) cells.Add(peers.TryGetValue((p.Name, n), out var l) ? $"{l.Average(p.Regret),18:G4}" : $"{"",18}");
    int si = 0;
    foreach (string s in samplers)
    {
        double[] best = new double[seeds]; double[] secs = new double[seeds]; double[] mid = new double[seeds];
        Parallel.For(0, seeds, new ParallelOptions { MaxDegreeOfParallelism = int.Parse(Option("threads", "2")) }, k =>
        {
            ISampler sampler = SamplerCatalog.Create(s);
            TrialHistory h = new(p.Space, [Direction.Minimize]);
            double b = double.PositiveInfinity; Stopwatch w = new();
            for (int t = 0; t < trials; t++)
            {
                w.Start();
                Proposal? pr = null;
                for (int a = 0; a < 100; a++) { pr = sampler.Propose(h, p.Space, new CounterRandom(first + k, t, a)); if (pr == null || p.Space.IsFeasible(pr.Configuration)) break; }
                w.Stop();
                if (pr == null) break;
                TrialRecord r = h.Add(pr.Configuration); r.Tag = pr.Tag; r.Parent = pr.Parent;
                double y = p.Evaluate(pr.Configuration); if (Option("trace","") != "") Console.WriteLine($"{t} {y:G4} {GaussianProcessSampler.Last} {pr.Configuration}"); b = Math.Min(b, y);
                if (t == trials / 2 - 1) mid[k] = b;
                h.Finish(r, TrialState.Complete, [y]);
            }
            best[k] = b; secs[k] = w.Elapsed.TotalSeconds;
        });
        double m = best.Average(p.Regret);
        double se = Math.Sqrt(best.Sum(x => Math.Pow(p.Regret(x) - m, 2)) / seeds / (seeds - 1));
        meanLog[si] += Math.Log10(m + 1e-4); logSum[si++] += best.Average(x => Math.Log10(Math.Max(p.Regret(x), 1e-6)));
        cells.Add($"{m,10:G3}±{se,-8:G2}{secs.Average(),6:F2}s");
    }
    Console.WriteLine($"{p.Name,-16}" + string.Concat(cells));
}
Console.WriteLine("log10 of mean regret " + string.Join("  ", meanLog.Select(x => (x / problems.Count).ToString("F3"))));
Console.WriteLine("mean log10 regret " + string.Join("  ", logSum.Select(x => (x / problems.Count).ToString("F3"))));
=======
using System.Globalization;
using Descent.Journal;
using Descent.Tuning;

// How fast a study goes into an SQLite journal, and how fast a large one is opened. Usage: [TRIALS] [EVENTS]
int trials = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 10_000;
int events = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 1_000_000;
const int Repeats = 5;
string folder = Directory.CreateTempSubdirectory("descent-bench-").FullName;
try
{
    SearchSpace space = new(Parameter.Log("learning_rate", 1e-5, 1e-1), Parameter.Integer("layers", 1, 12), Parameter.Uniform("dropout", 0, 0.5), Parameter.Choice("kind", "adamw", "lion", "muon"));
    List<double> written = [], opened = [];
    for (int repeat = 0; repeat < Repeats; repeat++)
    {
        string path = Path.Combine(folder, $"write{repeat}.db");
        Stopwatch watch = Stopwatch.StartNew();
        await using (Study study = await Study.OpenAsync(path, "bench", new StudyOptions { Space = space }))
        {
            await study.OptimizeAsync(static trial => trial.Configuration.Number("dropout"), trials);
        }

        // Two events a trial, each appended by itself: created, finished.
        written.Add(2 * trials / watch.Elapsed.TotalSeconds);
    }

    string large = Path.Combine(folder, "large.db");
    await FillAsync(large, space, events);
    for (int repeat = 0; repeat < Repeats; repeat++)
    {
        Stopwatch watch = Stopwatch.StartNew();
        await using Study study = await Study.OpenAsync(large, "bench", new StudyOptions());
        opened.Add(watch.Elapsed.TotalSeconds);
        int count = await study.ViewAsync(static history => history.Finished.Count);
        if (count != events / 10)
        {
            throw new InvalidOperationException($"{count} trials were read.");
        }
    }

    Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
        $"""
        {trials} trials into SQLite, {2 * trials} appends: median {Median(written):N0} events/s ({string.Join(", ", written.Select(static rate => $"{rate:0}"))})
        opening a study of {events} events ({new FileInfo(large).Length >> 20} MiB): median {Median(opened):0.00} s ({string.Join(", ", opened.Select(static time => $"{time:0.00}"))})
        """));
}
finally
{
    Directory.Delete(folder, recursive: true);
}

static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

// Trials of ten events: created, seven reports, a renewal, finished.
static async Task FillAsync(string path, SearchSpace space, int events)
{
    await using IJournal journal = await JournalCatalog.OpenAsync(path);
    await using (Study study = await Study.OpenAsync(journal, "bench", new StudyOptions { Space = space }))
    {
    }

    CounterRandom random = new(1);
    long position = 1;
    List<NewEvent> batch = [];
    for (int trial = 0; trial < events / 10; trial++)
    {
        Configuration configuration = space.FromUnit([random.NextDouble(), random.NextDouble(), random.NextDouble(), random.NextDouble()]);
        string values = string.Join(",", configuration.Select(static pair => $"\"{pair.Key}\":{(pair.Value.IsNumeric ? pair.Value.ToString() : $"\"{pair.Value}\"")}"));
        long token = ++position;
        Add("trial.created", $$"""{"trial":{{trial}},"configuration":{{{values}}},"worker":"machine:12345","lease":60}""");
        for (int step = 0; step < 7; step++)
        {
            Add("trial.reported", string.Create(CultureInfo.InvariantCulture, $$"""{"trial":{{trial}},"token":{{token}},"step":{{step}},"value":{{random.NextDouble()}}}"""));
        }

        Add("trial.renewed", $$"""{"trial":{{trial}},"token":{{token}}}""");
        Add("trial.finished", string.Create(CultureInfo.InvariantCulture, $$"""{"trial":{{trial}},"token":{{token}},"state":"complete","objectives":[{{random.NextDouble()}}]}"""));
        position += 9;
        if (batch.Count >= 5000)
        {
            await journal.AppendAsync(batch);
            batch.Clear();
        }
    }

    if (batch.Count > 0)
    {
        await journal.AppendAsync(batch);
    }

    void Add(string kind, string json) => batch.Add(new NewEvent("study/bench", kind, 1, json));
}
>>>>>>> journal
