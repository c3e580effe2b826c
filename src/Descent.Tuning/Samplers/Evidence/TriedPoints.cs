namespace Descent.Tuning.Samplers;

/// <summary>The points that have been tried or are being tried; grows with the history.</summary>
internal sealed class TriedPoints
{
    private readonly TrialHistory _history;
    private readonly HashSet<Point> _points = [];
    private int _seen;

    public TriedPoints(TrialHistory history) => _history = history;

    /// <summary>Takes in the trials that were begun since.</summary>
    public void Grow()
    {
        for (; _seen < _history.Trials.Count; _seen++)
        {
            _points.Add(new Point(_history.Trials[_seen].Unit.ToArray()));
        }
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
