using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Descent.Tuning.Samplers;

namespace Descent.Tuning.Bench;

/// <summary>
/// Regret after so many trials, a mean over seeds with its standard error, of our samplers and, where a Python with Optuna is named, of Optuna's in the same run.
/// Options: --tables FOLDER, --problems a,b, --samplers a,b, --seeds 20, --first-seed 0, --trials 100, --python /usr/bin/python3, --peer-samplers tpe,tpe_multivariate,cmaes,cmaes_margin.
/// </summary>
internal static class RegretBench
{
    public static void Run(string[] args)
    {
        Arguments options = new(args);
        int seeds = options.Number("seeds", 20);
        int first = options.Number("first-seed", 0);
        int trials = options.Number("trials", 100);
        string tables = options.Text("tables", "");
        Problem[] known = [.. tables.Length > 0 ? TableProblem.ReadAll(tables) : [], .. Problems.Shared, .. Problems.Others];
        Problem[] problems = options.List("problems", "") is { Length: > 0 } names
            ? [.. names.Select(name => known.First(problem => problem.Name == name))]
            : [.. known.Where(static problem => !Problems.Others.Contains(problem))];
        string[] samplers = options.List("samplers", "random,tpe,tpe_multivariate,cmaes,gp,portfolio");
        List<(string Title, Dictionary<string, (double Loss, double Seconds)[]> Results)> columns = [];
        foreach (string sampler in samplers)
        {
            columns.Add((sampler, problems.ToDictionary(static problem => problem.Name, problem => Enumerable.Range(first, seeds).Select(seed => StudyLoop.Run(SamplerCatalog.Create(sampler), problem, trials, seed)).ToArray())));
        }

        if (options.Text("python", "") is { Length: > 0 } python)
        {
            CheckPeer(python);
            foreach (string sampler in options.List("peer-samplers", "tpe,tpe_multivariate,cmaes,cmaes_margin"))
            {
                columns.Add(("Optuna " + sampler, Peer(python, tables, problems, sampler, seeds, first, trials)));
            }
        }

        Console.WriteLine($"| problem | {string.Join(" | ", columns.Select(static column => column.Title))} |");
        Console.WriteLine($"|---|{string.Concat(Enumerable.Repeat("---|", columns.Count))}");
        foreach (Problem problem in problems)
        {
            Console.WriteLine($"| {problem.Name} | {string.Join(" | ", columns.Select(column => Cell([.. column.Results[problem.Name].Select(result => problem.Regret(result.Loss))])))} |");
        }

        Console.WriteLine($"| s a study | {string.Join(" | ", columns.Select(static column => Shown(column.Results.Values.SelectMany(static results => results).Average(static result => result.Seconds))))} |");
    }

    private static string Cell(double[] regrets)
    {
        double mean = regrets.Average();
        double error = Math.Sqrt(regrets.Sum(regret => (regret - mean) * (regret - mean)) / Math.Max(1, regrets.Length - 1) / regrets.Length);
        return $"{Shown(mean)} ± {Shown(error)}";
    }

    private static string Shown(double value) => value.ToString("G2", CultureInfo.InvariantCulture);

    private static Dictionary<string, (double Loss, double Seconds)[]> Peer(string python, string tables, Problem[] problems, string sampler, int seeds, int first, int trials) =>
        Ask(python, [
            .. tables.Length > 0 ? (string[])["--tables", tables] : [], "--problems", string.Join(',', problems.Select(static problem => problem.Name)),
            "--samplers", sampler, "--seeds", $"{seeds}", "--first-seed", $"{first}", "--trials", $"{trials}"])
            .GroupBy(static line => line.GetProperty("problem").GetString()!)
            .ToDictionary(
                static group => group.Key,
                group => group.Select(line => (line.GetProperty("best").GetProperty(trials.ToString(CultureInfo.InvariantCulture)).GetDouble(), line.GetProperty("seconds").GetDouble())).ToArray());

    /// <summary>The functions are written twice, in C# and in Python: both must give the same at a point of each.</summary>
    private static void CheckPeer(string python)
    {
        foreach (JsonElement line in Ask(python, ["--check"]))
        {
            string name = line.GetProperty("problem").GetString()!;
            double theirs = line.GetProperty("value").GetDouble(), ours = Problems.Shared.Single(problem => problem.Name == name).Evaluate(SearchSpaceJson.ReadConfiguration(line.GetProperty("point")));
            if (Math.Abs(ours - theirs) > 1e-9 * Math.Max(1, Math.Abs(ours)))
            {
                throw new InvalidOperationException($"{name} is {ours} here and {theirs} in optuna_peer.py at {line.GetProperty("point").GetRawText()}; one of the two was changed without the other.");
            }
        }
    }

    /// <summary>What the script for Optuna prints: a JSON object a line.</summary>
    private static List<JsonElement> Ask(string python, IEnumerable<string> arguments)
    {
        string script = Path.Combine(AppContext.BaseDirectory, "optuna_peer.py");
        ProcessStartInfo start = new(python, [script, .. arguments]) { RedirectStandardOutput = true };
        using Process process = Process.Start(start)!;
        List<JsonElement> lines = [];
        while (process.StandardOutput.ReadLine() is { } line)
        {
            using JsonDocument document = JsonDocument.Parse(line);
            lines.Add(document.RootElement.Clone());
        }

        process.WaitForExit();
        return process.ExitCode == 0 ? lines : throw new InvalidOperationException($"{python} {script} ended with code {process.ExitCode}; is Optuna there (Debian: python3-optuna)?");
    }
}
