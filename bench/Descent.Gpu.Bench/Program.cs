// Descent's kernels on an NVIDIA card, without libtorch: are the bits the processor's, how long does a step take, what is the assembly?
//   dotnet run -c Release --project bench/Descent.Gpu.Bench -- check [--quick] [--only RULE]
//   dotnet run -c Release --project bench/Descent.Gpu.Bench -- time [--rounds 50] [--only RULE] [--json FILE]
//   dotnet run -c Release --project bench/Descent.Gpu.Bench -- ptx FOLDER        (needs no card)
using System.Globalization;
using System.Text.Json;
using Descent.Cli.Bench;
using Descent.Gpu;
using Descent.Gpu.Bench;
using Descent.Optimizers;

string? only = Option("--only");
try
{
    return args.FirstOrDefault() switch
    {
        "check" => Check(),
        "time" => Time(int.Parse(Option("--rounds") ?? "50", CultureInfo.InvariantCulture), Option("--json")),
        "ptx" when args.Length > 1 => PtxFiles.Write(args[1], Wanted),
        _ => Usage(),
    };
}
catch (CudaException problem)
{
    Console.Error.WriteLine(problem.Message);
    return 1;
}

int Usage()
{
    Console.Error.WriteLine("usage: Descent.Gpu.Bench check [--quick] [--only RULE] | time [--rounds N] [--only RULE] [--json FILE] | ptx FOLDER");
    return 2;
}

bool Wanted(string rule) => only is null || rule == only;

string? Option(string name) => Array.IndexOf(args, name) is var index and >= 0 && index + 1 < args.Length ? args[index + 1] : null;

int Check()
{
    using Card card = Card.Open();
    Console.WriteLine($"{card.Name}, compute capability {card.ComputeCapability}, CUDA {card.CudaVersion}");
    (int done, int different) = BitCheck.Run(card, Wanted, args.Contains("--quick"));
    Console.WriteLine($"{done} comparisons of 3 steps with the scalar lane, {different} with a difference");
    return done > 0 && different == 0 ? 0 : 1;
}

int Time(int rounds, string? json)
{
    using Card card = Card.Open();
    using RuleTimes large = new(card, ParameterShapes.Gpt2Small()), tiny = new(card, ParameterShapes.ManyTiny());
    List<(Timing Rule, Timing Copy)> timings = [];
    Console.WriteLine($"{card.Name}: GPT-2 small, {large.Elements / 1e6:F1} M parameters, medians of {rounds} turns");
    Console.WriteLine($"{"rule",-32} states       ms    least     GB/s   of copy");
    foreach ((string name, OptimizerOptions options) in TimedRules.All.Where(rule => Wanted(rule.Name)))
    {
        (Timing Rule, Timing Copy) timing = large.Measure(name, options, rounds);
        timings.Add(timing);
        Print(timing.Copy);
        Print(timing.Rule);
    }

    Timing manyTiny = tiny.Measure("adamw, 2,000 tiny tensors", new AdamWOptions(), rounds).Rule;
    Print(manyTiny);
    if (json is not null)
    {
        // One copy for each number of states: the median one of those made in turn with the rules.
        IEnumerable<Timing> copies = timings.GroupBy(static timing => timing.Copy.States, static timing => timing.Copy)
            .OrderBy(static group => group.Key)
            .Select(static group => group.OrderBy(static copy => copy.Milliseconds).ElementAt(group.Count() / 2));
        var report = new CardReport(
            card.Name, card.ComputeCapability, card.Multiprocessors, card.CudaVersion, rounds, large.Elements, [.. copies], [.. timings.Select(static timing => timing.Rule)], manyTiny);
        File.WriteAllText(json, JsonSerializer.Serialize(report, CardReportJson.Default.CardReport));
    }

    return 0;

    static void Print(Timing timing) =>
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{timing.Name,-32} {timing.States,6} {timing.Milliseconds,8:F4} {timing.Fastest,8:F4} {timing.GigabytesPerSecond,8:F1} {timing.OfCopy,9:F3}"));
}
