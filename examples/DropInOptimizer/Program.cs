// A TorchSharp program that learns to continue text, character by character, and what changes when its optimizer becomes a fused one:
// one line. It trains twice from the same start, on its own source code, and compares.
//   dotnet run -c Release --project examples/DropInOptimizer
using System.Diagnostics;
using System.Text;
using Descent.Torch;
using TorchSharp;
using static TorchSharp.torch;

const int steps = 100, batch = 32, context = 16, width = 512;
byte[] text = Encoding.UTF8.GetBytes(Source.Text);
torch.set_num_threads(Environment.ProcessorCount);

Run torchs = Train(model => optim.AdamW(model.named_parameters(), lr: 2e-3, weight_decay: 0.01));
Run fused = Train(model => Fused.AdamW(model.named_parameters(), lr: 2e-3, weight_decay: 0.01));

Console.WriteLine($"{"",22}   first loss   last loss   a step of the optimizer");
Console.WriteLine($"{"torch.optim.AdamW",22}   {torchs.First,10:F6}   {torchs.Last,9:F6}   {torchs.StepMilliseconds,8:F2} ms");
Console.WriteLine($"{"Fused.AdamW",22}   {fused.First,10:F6}   {fused.Last,9:F6}   {fused.StepMilliseconds,8:F2} ms");
Console.WriteLine($"{torchs.StepMilliseconds / fused.StepMilliseconds:F1} times faster, losses {Math.Abs(torchs.Last - fused.Last):E1} apart");

if (Math.Abs(torchs.Last - fused.Last) > 1e-3 * torchs.First || !(fused.Last < fused.First / 2))
{
    Console.Error.WriteLine("The two runs disagree, or nothing was learned.");
    return 1;
}

return 0;

Run Train(Func<nn.Module, optim.Optimizer> makeOptimizer)
{
    torch.manual_seed(1);
    var places = new Random(1);
    using var all = NewDisposeScope();
    using var model = nn.Sequential(
        nn.Embedding(256, 64), nn.Flatten(), nn.Linear(context * 64, width), nn.GELU(), nn.Linear(width, width), nn.GELU(), nn.Linear(width, 256));
    using optim.Optimizer optimizer = makeOptimizer(model);
    var scheduler = optim.lr_scheduler.CosineAnnealingLR(optimizer, steps);
    double first = 0, last = 0;
    var times = new List<double>();
    for (int step = 1; step <= steps; step++)
    {
        using var scope = NewDisposeScope();
        var (inputs, targets) = Sample(places);
        Tensor loss = nn.functional.cross_entropy(model.forward(inputs), targets);
        optimizer.zero_grad();
        loss.backward();

        long start = Stopwatch.GetTimestamp();
        optimizer.step();
        times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);

        scheduler.step();
        last = loss.item<float>();
        first = step == 1 ? last : first;
    }

    times.Sort();
    return new Run(first, last, times[times.Count / 2]);
}

// Windows of the text from random places, and the character that follows each.
(Tensor Inputs, Tensor Targets) Sample(Random places)
{
    var inputs = new long[batch * context];
    var targets = new long[batch];
    for (int row = 0; row < batch; row++)
    {
        int start = places.Next(text.Length - context);
        for (int i = 0; i < context; i++)
        {
            inputs[(row * context) + i] = text[start + i];
        }

        targets[row] = text[start + context];
    }

    return (tensor(inputs, batch, context), tensor(targets));
}

internal sealed record Run(double First, double Last, double StepMilliseconds);

internal static class Source
{
    public static string Text { get; } = new StreamReader(typeof(Source).Assembly.GetManifestResourceStream("Program.cs")!).ReadToEnd();
}
