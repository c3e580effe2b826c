using System.Diagnostics;
using System.Globalization;
using Descent.Journal;
using Descent.Tuning.Samplers;

namespace Descent.Tuning.Bench;

/// <summary>How fast a study goes into an SQLite journal, and how fast a large one is opened. Arguments: [TRIALS] [EVENTS].</summary>
internal static class JournalBench
{
    public static async Task RunAsync(string[] args)
    {
        int trials = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 10_000;
        int events = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 1_000_000;
        const int repeats = 5;
        string folder = Directory.CreateTempSubdirectory("descent-bench-").FullName;
        try
        {
            SearchSpace space = new(Parameter.Log("learning_rate", 1e-5, 1e-1), Parameter.Integer("layers", 1, 12), Parameter.Uniform("dropout", 0, 0.5), Parameter.Choice("kind", "adamw", "lion", "muon"));
            List<double> written = [], opened = [];
            for (int repeat = 0; repeat < repeats; repeat++)
            {
                string path = Path.Combine(folder, $"write{repeat}.db");
                Stopwatch watch = Stopwatch.StartNew();
                await using (Study study = await Study.OpenAsync(path, "bench", new StudyOptions { Space = space, Sampler = new RandomSampler() }))
                {
                    await study.OptimizeAsync(static trial => trial.Configuration.Number("dropout"), trials);
                }

                // Two events a trial, each appended by itself: created, finished.
                written.Add(2 * trials / watch.Elapsed.TotalSeconds);
            }

            string large = Path.Combine(folder, "large.db");
            await FillAsync(large, space, events);
            for (int repeat = 0; repeat < repeats; repeat++)
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
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    // Trials of ten events: created, seven reports, a renewal, finished.
    private static async Task FillAsync(string path, SearchSpace space, int events)
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
}
