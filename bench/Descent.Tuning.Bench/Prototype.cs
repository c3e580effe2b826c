using System.Diagnostics;
using System.Text.Json;
using Descent.Tuning;
using Descent.Tuning.Bench;
using Descent.Tuning.Samplers;


namespace Descent.Tuning.Bench;
internal static class Prototype
{
    public static int Run(string[] args)
    {
if (args.Length > 1 && args[1] == "parzen")
{
    SearchSpace sp = new(Parameter.Uniform("x", 0, 1), Parameter.Uniform("y", 0, 1), Parameter.Integer("k", 0, 4));
    var axes = Axis.Of(sp);
    double[][] m = [[.1, .15, .8, .4, .02], [.5, .55, .9, .1, .3], [.1, .3, .9, .5, .1]];
    var mv = new MultivariateParzen(axes, m, [1, 1, 1, 1, .5], 1, true);
    foreach (double[] x in (double[][])[[.1, .5, .1], [.3, .3, .3], [.99, .01, .9]]) Console.WriteLine(mv.LogDensity(x));
    double[] xs = [.02, .1, .15, .4, .8];
    var uv = new UnivariateParzen(axes[0], xs, [.5, 1, 1, 1, 1], 1, true, false);
    foreach (double x in (double[])[.1, .3, .99]) Console.WriteLine(uv.LogDensity([x]));
    double[] ks = [.1, .1, .3, .5, .9];
    var kv = new UnivariateParzen(axes[2], ks, [1, .5, 1, 1, 1], 1, true, false);
    foreach (double x in (double[])[.1, .3, .9]) Console.WriteLine(kv.LogDensity([x]));
    var rr = new CounterRandom(3); double[] q = new double[3]; double s1 = 0, s2 = 0;
    for (int i = 0; i < 200000; i++) { mv.Sample(q, rr); s1 += q[0]; s2 += q[1] * q[0]; }
    Console.WriteLine($"{s1 / 200000} {s2 / 200000}");
    return 0;
}
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

        return 0;
    }
}
