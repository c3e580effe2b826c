// The best learning rate of a GPT at several widths, in standard parametrization and in muP: for each of them rates a factor of two apart are trained until the best has a worse
// neighbour on either side. At the base width both are the same training, which is done once. Results are appended to a file, and runs that are in it already are not done again:
//   dotnet run -c Release --project bench/Descent.Mup -- RESULTS.jsonl [--widths 64,128,256,512] [--seeds 1,2,3] [--steps 100] [--base-width 256] [--minutes M] [--data PATH] [--threads N]
using System.Diagnostics;
using System.Globalization;
using Descent.Mup;
using Descent.Training;
using Descent.Training.Configuration;
using Descent.Training.Data;
using Descent.Training.Models;
using TorchSharp;

// 2⁻⁹: near the best rate at the base width.
const int First = -9;
string[] parametrizations = ["standard", "mup"];
if (args.Length < 1)
{
    Console.Error.WriteLine("usage: Descent.Mup RESULTS.jsonl [--widths N,N,…] [--seeds N,N,…] [--steps N] [--base-width N] [--minutes M] [--data PATH] [--threads N]");
    return 2;
}

string file = args[0];
int[] widths = [.. (Option("--widths") ?? "64,128,256,512").Split(',').Select(static width => int.Parse(width, CultureInfo.InvariantCulture))];
int[] seeds = [.. (Option("--seeds") ?? "1,2,3").Split(',').Select(static seed => int.Parse(seed, CultureInfo.InvariantCulture))];
int steps = int.Parse(Option("--steps") ?? "100", CultureInfo.InvariantCulture);
int baseWidth = int.Parse(Option("--base-width") ?? "256", CultureInfo.InvariantCulture);
double minutes = double.Parse(Option("--minutes") ?? "1e9", CultureInfo.InvariantCulture);
List<RateResult> results = RateJson.Read(file);
DataSplit? data = null;
var clock = Stopwatch.StartNew();

// One thread a process: start one for each seed where there are cores, with files of their own.
torch.set_num_threads(int.Parse(Option("--threads") ?? "1", CultureInfo.InvariantCulture));
try
{
    // Seed by seed, so that a run that is cut short has all widths.
    foreach (int seed in seeds)
    {
        foreach (string parametrization in parametrizations)
        {
            int start = First;
            foreach (int width in widths)
            {
                for (int? exponent = start; exponent is { } next; exponent = CurveOf(parametrization, width, seed).Next)
                {
                    Measure(parametrization, width, next, seed);
                }

                start = CurveOf(parametrization, width, seed).Points.MinBy(static point => point.Loss).Exponent;
            }
        }
    }
}
catch (TimeoutException)
{
    Console.WriteLine("the time is up; the same command goes on");
}

Print();
return 0;

(string, int?) Trained(string parametrization, int width) => parametrization == "standard" || width == baseWidth ? ("standard", null) : (parametrization, baseWidth);

void Measure(string parametrization, int width, int exponent, int seed)
{
    double rate = Math.Pow(2, exponent);
    (parametrization, int? based) = Trained(parametrization, width);
    if (results.Any(result => (result.Parametrization, result.BaseWidth) == (parametrization, based) && result.Width == width && result.Rate == rate && result.Seed == seed && result.Steps == steps))
    {
        return;
    }

    if (clock.Elapsed.TotalMinutes >= minutes)
    {
        throw new TimeoutException();
    }

    string mup = parametrization == "mup" ? $", parametrization: mup, base_width: {based}" : "";
    string path = Option("--data") is { } given ? $", path: '{given}'" : "";
    RunConfiguration run = RunFile.Parse(
        string.Create(CultureInfo.InvariantCulture, $$"""
            model:      { kind: gpt, layers: 2, width: {{width}}, heads: 4, context: 64{{mup}} }
            data:       { kind: text, tokenizer: byte, context: 64, batch_size: 8, maximum_bytes: 8000000{{path}} }
            optimizer:  { kind: adamw, learning_rate: {{rate:R}}, beta2: 0.95, weight_decay: 0.1 }
            schedule:   { kind: warmup_stable_decay, warmup_steps: {{steps / 10}}, decay_fraction: 0.3 }
            gradients:  { clip_norm: 1.0 }
            stop:       { steps: {{steps}} }
            validation: { every_steps: 0, batches: 50 }
            sample:     { tokens: 0 }
            seed:       {{seed}}
            """),
        "the benchmark");
    data ??= run.Data.Open();
    var time = Stopwatch.StartNew();
    using Model model = run.Model.Build(data.Training.Shape);
    run.Initialization.Apply(model, seed);
    using var trainer = new Trainer(model, data, run.Data.BatchSize, run.Training);
    RunStopped end = trainer.Run();
    double? loss = end.Reason != StopReason.NonFinite && double.IsFinite(trainer.Metrics["validation/loss"]) ? trainer.Metrics["validation/loss"] : null;
    var result = new RateResult(parametrization, based, width, rate, seed, steps, loss, Math.Round(time.Elapsed.TotalSeconds, 2));
    RateJson.Append(file, result);
    results.Add(result);
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{parametrization,-8} width {width,4}  rate {rate:0.0e+0}  seed {seed}: {loss,8:0.0000}  ({time.Elapsed.TotalSeconds:0.0} s)"));
}

RateCurve CurveOf(string parametrization, int width, int? seed) => new(
[
    .. results.Where(result => (result.Parametrization, result.BaseWidth) == Trained(parametrization, width) && result.Width == width && result.Steps == steps && (seed is null || result.Seed == seed))
        .GroupBy(static result => (int)Math.Round(Math.Log2(result.Rate)))
        .Select(static rates => (rates.Key, rates.Average(static result => result.Loss ?? double.PositiveInfinity))),
]);

// The best rate is the geometric mean over the seeds, each with a parabola of its own.
void Print()
{
    Console.WriteLine();
    Console.WriteLine("| width | standard: best rate | each seed | loss | muP: best rate | each seed | loss |");
    Console.WriteLine("|---|---|---|---|---|---|---|");
    var best = new Dictionary<(string, int), double>();
    foreach (int width in widths)
    {
        IEnumerable<string> cells = parametrizations.SelectMany(parametrization =>
        {
            RateCurve[] curves = [.. seeds.Select(seed => CurveOf(parametrization, width, seed)).Where(static curve => curve.Best is not null)];
            if (curves.Length == 0)
            {
                return ["—", "—", "—"];
            }

            double rate = Math.Exp(curves.Average(static curve => Math.Log(curve.Best!.Value)));
            best[(parametrization, width)] = rate;
            return (string[])[Rate(rate), string.Join(" ", curves.Select(static curve => Rate(curve.Best!.Value))), curves.Average(static curve => curve.Loss).ToString("0.000", CultureInfo.InvariantCulture)];
        });
        Console.WriteLine($"| {width} | {string.Join(" | ", cells)} |");
    }

    foreach (string parametrization in parametrizations.Where(name => best.ContainsKey((name, widths[0])) && best.ContainsKey((name, widths[^1]))))
    {
        double ratio = best[(parametrization, widths[0])] / best[(parametrization, widths[^1])];
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{parametrization}: from width {widths[0]} to {widths[^1]} the best rate moves by a factor of {Math.Max(ratio, 1 / ratio):0.00}"));
    }
}

static string Rate(double rate) => rate.ToString("0.0e+0", CultureInfo.InvariantCulture);

string? Option(string name) => Array.IndexOf(args, name) is var index and >= 0 && index + 1 < args.Length ? args[index + 1] : null;
