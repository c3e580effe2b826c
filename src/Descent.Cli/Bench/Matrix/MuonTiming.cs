namespace Descent.Cli.Bench;

/// <summary>What Muon's Newton–Schulz steps took, and the rates of plain matrix products measured in turn with them. Rates are nominal: 2·m·n·k for a product.</summary>
/// <param name="Matrices">How many matrices.</param>
/// <param name="Steps">Newton–Schulz steps.</param>
/// <param name="Milliseconds">Sum over all batches of the median of the rounds.</param>
/// <param name="GigaflopsPerSecond">The rate at that time.</param>
/// <param name="SameProducts">GFLOP/s of the same products one by one.</param>
/// <param name="LargeProduct">GFLOP/s of large square products.</param>
internal sealed record MuonTiming(int Matrices, int Steps, double Milliseconds, double GigaflopsPerSecond, double SameProducts, double LargeProduct)
{
    /// <summary>The share of the machine's rate that is aimed at.</summary>
    public const double Aim = 0.6;

    /// <summary>The share of the machine's rate of products, which is the better of the two.</summary>
    public double OfProducts => GigaflopsPerSecond / Math.Max(SameProducts, LargeProduct);

    /// <summary>Whether that is what is aimed at.</summary>
    public bool Reached => OfProducts >= Aim;
}
