namespace Descent.Cli.Bench;

/// <summary>The figures of one variant, beside the plain loop's.</summary>
internal sealed record TrainFigures(
    string Variant,
    double Milliseconds,
    double TokensPerSecond,
    double OfPeak,
    double PeakBytes,
    double Speedup,
    double MemoryRatio,
    double LastLoss);

/// <summary>All variants, and the machine's limit in GFLOP/s.</summary>
internal sealed record TrainComparison(double FmaPeakGigaflops, TrainFigures[] Variants);
