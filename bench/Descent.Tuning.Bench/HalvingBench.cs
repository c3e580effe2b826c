namespace Descent.Tuning.Bench;

internal static class HalvingBench
{
    public static Task RunAsync(string[] args) => Task.CompletedTask;
}
