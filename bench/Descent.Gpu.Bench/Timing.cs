namespace Descent.Gpu.Bench;

/// <summary>What one piece of work took on the card, by its events.</summary>
/// <param name="Name">The rule, or the copy.</param>
/// <param name="States">States that the rule has.</param>
/// <param name="Bytes">Bytes that it reads and writes.</param>
/// <param name="Milliseconds">Median.</param>
/// <param name="Fastest">Least.</param>
/// <param name="GigabytesPerSecond">Bytes over the median.</param>
/// <param name="OfCopy">The median over that of a copy which reads and writes as many bytes, made in turn with it.</param>
internal sealed record Timing(string Name, int States, long Bytes, double Milliseconds, double Fastest, double GigabytesPerSecond, double OfCopy)
{
    public static Timing Of(string name, int states, long bytes, double[] sorted, double copy)
    {
        double median = (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
        return new Timing(name, states, bytes, median, sorted[0], bytes / median / 1e6, copy > 0 ? median / copy : 1);
    }
}
