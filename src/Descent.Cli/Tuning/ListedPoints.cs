using Descent.Tuning;

namespace Descent.Cli.Tuning;

/// <summary>A given list of points, one after the other; then there is nothing left to try.</summary>
/// <param name="points">The points.</param>
internal sealed class ListedPoints(IReadOnlyList<Configuration> points) : ISampler
{
    /// <inheritdoc/>
    public Proposal? Propose(TrialHistory history, SearchSpace space, CounterRandom random) =>
        history.Trials.Count < points.Count ? new Proposal(points[history.Trials.Count]) : null;
}
