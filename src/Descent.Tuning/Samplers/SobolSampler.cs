using System.Globalization;

namespace Descent.Tuning.Samplers;

/// <summary>The points of a scrambled Sobol sequence, one after the other: random search without its clusters and holes.</summary>
/// <remarks>
/// The first 2ᵏ points put one in each of 2ᵏ equal parts of every axis, so that few trials say as much of every parameter as a grid of as many values, and of
/// all at once. Points that break a constraint of the space are left out.
/// Reference: Bergstra, Bengio, "Random Search for Hyper-Parameter Optimization", JMLR 2012, section 3; for the sequence <see cref="SobolSequence"/>.
/// </remarks>
public sealed class SobolSampler : ISampler
{
    private const int MostSkipped = 10_000;

    private (TrialHistory History, int Seen, uint Next)? _place;
    private (int Dimensions, SobolSequence Sequence)? _sequence;

    /// <summary>Of the scrambling: other seeds give other, equally even points. Default 0.</summary>
    public long Seed { get; init; }

    /// <inheritdoc/>
    public Proposal Propose(TrialHistory history, SearchSpace space, CounterRandom random)
    {
        ArgumentNullException.ThrowIfNull(history);
        ArgumentNullException.ThrowIfNull(space);
        if (space.Count == 0)
        {
            return new Proposal(Configuration.Empty);
        }

        if (_sequence is not { } known || known.Dimensions != space.Count)
        {
            _sequence = known = (space.Count, new SobolSequence(space.Count, (ulong)Seed));
        }

        double[] unit = new double[space.Count];
        uint next = Next(history);
        for (int skipped = 0; ; skipped++, next++)
        {
            known.Sequence.Point(next, unit);
            Configuration point = space.FromUnit(unit);
            if (space.IsFeasible(point) || skipped == MostSkipped)
            {
                return new Proposal(point) { Tag = next.ToString(CultureInfo.InvariantCulture) };
            }
        }
    }

    /// <summary>The index behind the last that was used: it stands in the trials' tags.</summary>
    private uint Next(TrialHistory history)
    {
        (int seen, uint next) = _place is { } place && place.History == history && place.Seen <= history.Trials.Count ? (place.Seen, place.Next) : (0, 0u);
        for (; seen < history.Trials.Count; seen++)
        {
            if (uint.TryParse(history.Trials[seen].Tag, NumberStyles.None, CultureInfo.InvariantCulture, out uint index))
            {
                next = Math.Max(next, index + 1);
            }
        }

        _place = (history, seen, next);
        return next;
    }
}
