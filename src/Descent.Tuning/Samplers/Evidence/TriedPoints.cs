namespace Descent.Tuning.Samplers;

/// <summary>The points that have been tried or are being tried; grows with the history.</summary>
internal sealed class TriedPoints
{
    private readonly TrialHistory _history;
    private readonly HashSet<Point> _points = [];
    private int _seen;

    private TriedPoints(TrialHistory history) => _history = history;

    public static TriedPoints Of(ref TriedPoints? known, TrialHistory history)
    {
        if (known is null || known._history != history || known._seen > history.Trials.Count)
        {
            known = new TriedPoints(history);
        }

        for (; known._seen < history.Trials.Count; known._seen++)
        {
            known._points.Add(new Point(history.Trials[known._seen].Unit.ToArray()));
        }

        return known;
    }

    /// <summary>Whether a snapped place was tried.</summary>
    public bool Contains(ReadOnlySpan<double> unit) => _points.Contains(new Point(unit.ToArray()));

    private readonly record struct Point(double[] Unit)
    {
        public bool Equals(Point other) => Unit.AsSpan().SequenceEqual(other.Unit);

        public override int GetHashCode()
        {
            HashCode hash = default;
            foreach (double value in Unit)
            {
                hash.Add(value);
            }

            return hash.ToHashCode();
        }
    }
}
