using System.Globalization;
using Descent.Training;
using Descent.Training.Checkpoints;
using Descent.Training.Configuration;
using Descent.Training.Models;
using Descent.Tuning;

namespace Descent.Cli.Tuning;

/// <summary>Tunes a small model for a large one: a study of the small one, its best settings written into the large one's run file, and a look at whether they hold there.</summary>
internal static class ProxySession
{
    private const string RateKey = "optimizer.learning_rate";

    // The settings as they were found, and the rates beside them.
    private static readonly double[] Neighbours = [1, 2, 0.5];

    /// <summary>The most points of the large model.</summary>
    public static int MostPoints => Neighbours.Length;

    /// <summary>The whole of <c>descent tune --proxy</c>.</summary>
    /// <param name="options">How to search; its run file is the large model's.</param>
    /// <param name="proxy">What <c>--proxy</c> says.</param>
    /// <param name="points">Points of the large model to train.</param>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(TuneOptions options, string proxy, int points)
    {
        var large = Search.Load(options.File, options.Settings);
        TuneObjectives objectives = options.MakeObjectives(large.Template, large.Validation);
        options.RequireMetricAlone(objectives, large.Template, $"--proxy transfers the small model's one trial with the best {objectives.Deciding}; leave the objectives out, or --proxy");
        RunConfiguration middle = large.Middle();
        var small = ProxyOptions.Parse(proxy, middle, large.Space.Parameters.Select(static parameter => parameter.Name));
        Console.WriteLine($"proxy: {string.Join(", ", small.Assignments)}, for {middle.Model.Describe()}");
        IReadOnlyList<string> settings = [.. options.Settings, .. small.Assignments];
        RunConfiguration little = Search.Load(options.File, settings).Middle();
        if (little.Model is GptOptions gpt)
        {
            // Heads that don't divide the width, most of all: no trial could be begun.
            Refuse(gpt.Validate, proxy);
        }

        bool alike = little.Training.Stop == middle.Training.Stop;
        if (!alike)
        {
            Console.WriteLine("note: the small model trains for another time than the large one; muP carries settings over widths, and over lengths only roughly");
        }

        BestTrial? best = null;
        int code = await TuneSession.RunAsync(options with { Settings = settings }, summary => best = summary.Best).ConfigureAwait(false);
        if (code != ExitCode.Done || best is null)
        {
            return code;
        }

        RunConfiguration transferred = large.At(best.Point);
        string file = Path.Combine(Path.GetFullPath(options.Folder), "transfer.yaml");
        AtomicFile.WriteAllText(file, RunFile.Write(transferred));
        Console.WriteLine($"transferred to {transferred.Model.Describe()}: {Shell.Path(file)}");
        return points == 0 ? ExitCode.Done : await VerifyAsync(options, file, transferred, best, points, alike).ConfigureAwait(false);
    }

    private static async Task<int> VerifyAsync(TuneOptions options, string file, RunConfiguration transferred, BestTrial best, int points, bool alike)
    {
        double rate = transferred.Training.Optimizer.LearningRate;
        double[] rates = [.. Neighbours.Take(points).Select(factor => rate * factor)];
        string range = string.Create(CultureInfo.InvariantCulture, $"{RateKey}=choice({string.Join(", ", rates.Select(static value => value.ToString("R", CultureInfo.InvariantCulture)))})");
        SearchSpace space = Search.Load(file, [range]).Space;

        // Another best trial of the small model makes another study.
        TuneOptions verification = options with
        {
            File = file,
            Settings = [range],
            Study = $"{options.Name}-transfer-{best.Number}",
            Output = Path.Combine(options.Folder, $"transfer-{best.Number}"),
            Trials = points,
            Minutes = null,
            Pruner = TuneOptions.NoPruner,
            Points = new ListedPoints([.. rates.Select((_, index) => space.FromUnit([(index + 0.5) / points]))]),
        };
        StudySummary? ended = null;
        int code = await TuneSession.RunAsync(verification, summary => ended = summary).ConfigureAwait(false);
        if (ended is not null && code is ExitCode.Done or ExitCode.Failed)
        {
            Report(ended!, transferred, best, rate, alike);
        }

        return code;
    }

    private static void Report(StudySummary ended, RunConfiguration transferred, BestTrial best, double rate, bool alike)
    {
        string metric = transferred.Training.Validation.Metric;
        bool lower = transferred.Training.Validation.LowerIsBetter;
        List<(double Rate, double? Value)> found = ValuesOf(ended);
        foreach ((double at, double? value) in found)
        {
            Console.WriteLine($"large model at {Figures.Rate(at)}{(at == rate ? " (transferred)" : "")}: {(value is { } number ? $"{metric} {Figures.Number(number)}" : "no result")}");
        }

        if (found.FirstOrDefault(entry => entry.Rate == rate).Value is not { } own)
        {
            Console.WriteLine("the transferred settings gave no result: they do not hold at this width");
            return;
        }

        Console.WriteLine(!alike
            ? $"the small model had {Figures.Number(best.Value)} after another length of training: the two can't be compared"
            : Better(own, best.Value, lower)
            ? $"the small model had {Figures.Number(best.Value)}: the large one is better at the same settings, as it should be"
            : $"the small model had {Figures.Number(best.Value)}: the large one is no better at the same settings; look at 'descent coordinate-check', or whether it was trained long enough");
        if (found.Count > 1)
        {
            (double Rate, double? Value) top = found.Where(static entry => entry.Value is not null).Aggregate((one, other) => Better(other.Value!.Value, one.Value!.Value, lower) ? other : one);
            Console.WriteLine(top.Rate == rate
                ? $"the transferred rate is the best of {found.Count}"
                : $"{Figures.Rate(top.Rate)} did better than the transferred rate, by {Figures.Number(Math.Abs(top.Value!.Value - own))}, one seed each");
        }
    }

    private static void Refuse(Action check, string proxy)
    {
        try
        {
            check();
        }
        catch (BadInputException exception)
        {
            throw new BadInputException($"--proxy {proxy}: the small model can't be made: {exception.Message}", exception);
        }
    }

    private static bool Better(double one, double other, bool lower) => lower ? one < other : one > other;

    // The table's first columns are numbers and words without commas.
    private static List<(double Rate, double? Value)> ValuesOf(StudySummary summary)
    {
        string[] lines = summary.Table.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        int column = Array.IndexOf(lines[0].Split(','), RateKey);
        return
        [
            .. lines[1..].Select(line => line.Split(',')).Select(cells => (
                double.Parse(cells[column], CultureInfo.InvariantCulture),
                cells[1] == TuneText.StateOf(TrialState.Complete) ? double.Parse(cells[2], CultureInfo.InvariantCulture) : (double?)null)),
        ];
    }
}
