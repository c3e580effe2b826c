// Times one step of every rule: dotnet run -c Release --project bench/Descent.Optimizers.Bench [-- rounds]
using System.Globalization;
using Descent.Cli.Bench;
using Descent.Optimizers;

int rounds = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 9;
Console.WriteLine($"{WorkerPool.Shared.Threads} threads, medians of {rounds} interleaved rounds");
Print("GPT-2 small: 124.4 M floats in 148 tensors", StepBench.Gpt2Small(rounds));
Print("2,000 tensors of 100 floats", StepBench.ManyTiny(rounds));

static void Print(string title, IReadOnlyList<StepTiming> timings)
{
    Console.WriteLine();
    Console.WriteLine($"{title,-44}       ms    least     GB/s  of bound");
    foreach (StepTiming timing in timings)
    {
        Console.WriteLine($"  {timing.Name,-40} {timing.Milliseconds,9:F3} {timing.Fastest,8:F3} {timing.GigabytesPerSecond,8:F1} {timing.OfBound,9:F2}");
    }
}
