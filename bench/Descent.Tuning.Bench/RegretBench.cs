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

    private static Dictionary<string, (double Loss, double Seconds)[]> Peer(string python, string tables, Problem[] problems, string sampler, int seeds, int first, int trials)
    {
        ProcessStartInfo start = new(python) { RedirectStandardOutput = true };
        string script = Path.Combine(AppContext.BaseDirectory, "optuna_peer.py");
        foreach (string argument in (string[])[
            script, .. tables.Length > 0 ? (string[])["--tables", tables] : [], "--problems", string.Join(',', problems.Select(static problem => problem.Name)),
            "--samplers", sampler, "--seeds", $"{seeds}", "--first-seed", $"{first}", "--trials", $"{trials}"])
        {
            start.ArgumentList.Add(argument);
        }

        using Process process = Process.Start(start)!;
        List<(string Problem, double Loss, double Seconds)> lines = [];
        while (process.StandardOutput.ReadLine() is { } line)
        {
            using JsonDocument document = JsonDocument.Parse(line);
            JsonElement root = document.RootElement;
            lines.Add((root.GetProperty("problem").GetString()!, root.GetProperty("best").GetProperty(trials.ToString(CultureInfo.InvariantCulture)).GetDouble(), root.GetProperty("seconds").GetDouble()));
        }

        process.WaitForExit();
        return process.ExitCode == 0
            ? lines.GroupBy(static line => line.Problem).ToDictionary(static group => group.Key, static group => group.Select(static line => (line.Loss, line.Seconds)).ToArray())
            : throw new InvalidOperationException($"{python} {script} ended with code {process.ExitCode}; is Optuna there (Debian: python3-optuna)?");
    }
}
