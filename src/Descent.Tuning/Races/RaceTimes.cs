namespace Descent.Tuning.Races;

/// <summary>Divides the time of a race: what is still to be done must fit into what is left of it.</summary>
internal sealed class RaceTimes(RaceOptions options, IReadOnlyList<Lane> lanes)
{
    // A search of fewer trials, and fewer seeds, aren't worth having: then the time is overrun instead.
    public const int LeastTrials = 3;
    public const int LeastSeeds = 2;

    // Runs differ, workers wait for each other at the end of a part, and others share the machine.
    private const double Reserve = 1.1;

    private readonly long _start = options.Clock.GetTimestamp();

    private double Left => options.Time is { } time ? (time - options.Clock.GetElapsedTime(_start)).TotalSeconds : double.PositiveInfinity;

    /// <summary>Whether one more trial for each contender fits, and the runs at the best settings after it.</summary>
    public async Task<bool> FitsRoundAsync(CancellationToken cancellation)
    {
        if (options.Time is null)
        {
            return true;
        }

        double round = 0, full = 0;
        foreach (Lane lane in lanes)
        {
            round += await lane.SearchCostAsync(cancellation).ConfigureAwait(false) ?? 0;
            full += await lane.FullCostAsync(cancellation).ConfigureAwait(false) ?? 0;
        }

        return Reserve * (round + (full * options.Seeds)) / options.Workers <= Left;
    }

    /// <summary>Whether one more seed for each contender fits.</summary>
    public async Task<bool> FitsSeedAsync(CancellationToken cancellation)
    {
        if (options.Time is null)
        {
            return true;
        }

        double full = 0;
        foreach (Lane lane in lanes)
        {
            full += await lane.FullCostAsync(cancellation).ConfigureAwait(false) ?? 0;
        }

        return Reserve * full / options.Workers <= Left;
    }

    /// <summary>The seconds of search that each contender may have, with equal seconds; as far as is known yet.</summary>
    public async Task<double> ShareAsync(CancellationToken cancellation)
    {
        double spent = 0, full = 0;
        foreach (Lane lane in lanes)
        {
            spent += await lane.SpentAsync(cancellation).ConfigureAwait(false);
            full += await lane.FullCostAsync(cancellation).ConfigureAwait(false) ?? 0;
        }

        return Math.Max(0, spent + (Left * options.Workers) - (Reserve * full * options.Seeds)) / lanes.Count / Reserve;
    }
}
