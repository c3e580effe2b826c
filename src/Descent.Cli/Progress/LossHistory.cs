namespace Descent.Cli.Progress;

/// <summary>The course of a loss over a whole run in a fixed number of averages, however long the run gets.</summary>
internal sealed class LossHistory
{
    // Twice what the widest sparkline shows.
    private const int Capacity = 128;

    private readonly double[] _means = new double[Capacity];
    private int _full;
    private long _width = 1;
    private double _sum;
    private long _count;

    /// <summary>The averages, oldest first, the last one of fewer steps than the others.</summary>
    public double[] Means => [.. _means[.._full], .. _count > 0 ? new[] { _sum / _count } : []];

    /// <summary>Adds the next step's loss; one that isn't finite is left out.</summary>
    public void Add(double loss)
    {
        if (!double.IsFinite(loss))
        {
            return;
        }

        _sum += loss;
        _count++;
        if (_count < _width)
        {
            return;
        }

        _means[_full++] = _sum / _count;
        (_sum, _count) = (0, 0);
        if (_full < Capacity)
        {
            return;
        }

        // Full: each two neighbours become one, and from here on an average takes twice as many steps.
        for (int i = 0; i < Capacity / 2; i++)
        {
            _means[i] = (_means[2 * i] + _means[(2 * i) + 1]) / 2;
        }

        _full = Capacity / 2;
        _width *= 2;
    }
}
