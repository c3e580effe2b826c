using System.Globalization;

namespace Descent.Tuning.Samplers;

/// <summary>
/// One thread of randomised direct search: a step along a random direction from the best point, the opposite step if that was no better, and a shorter stride when
/// neither was for long. Wu, Wang, Huang, "Frugal Optimization for Cost-related Hyperparameters", AAAI 2021 (arXiv 2005.01571), algorithm 1 (FLOW²).
/// </summary>
/// <remarks>
/// It moves little from where it began, so that trials stay cheap for as long as cheap settings still improve. All of its state follows from its own finished trials in their
/// order; what each of them was a step of stands in its tag.
/// </remarks>
internal sealed class LocalSearch
{
    private readonly UnitSpace _space;
    private readonly int _patience;
    private readonly double _shortest;
    private int _failures;
    private int _done;
    private int _doneAtBest = 1;
    private StepTag? _opposite;

    public LocalSearch(UnitSpace space, int number, double firstStride, double shortest)
    {
        (_space, Number, _shortest) = (space, number, shortest);
        Stride = firstStride * Math.Sqrt(space.Dimensions);
        _patience = 1 << Math.Clamp(space.Dimensions - 1, 1, 6); // the paper's 2^(d−1); beyond 64 no study would ever shorten its stride
    }

    /// <summary>Which thread it is.</summary>
    public int Number { get; }

    /// <summary>The best finished trial of the thread.</summary>
    public EvidenceRow? Best { get; private set; }

    /// <summary>The loss before the last improvement, and what was spent by then: how fast it improves.</summary>
    public (double Loss, double Cost) Before { get; private set; } = (double.PositiveInfinity, 0);

    /// <summary>What was spent when it last improved.</summary>
    public double CostAtBest { get; private set; }

    /// <summary>What its trials took in all.</summary>
    public double Cost { get; private set; }

    /// <summary>The length of a step: it is spread over all dimensions.</summary>
    public double Stride { get; private set; }

    /// <summary>Whether its stride has become too short to matter.</summary>
    public bool HasConverged => Stride < _shortest;

    /// <summary>Takes in a finished trial of the thread.</summary>
    public void Add(EvidenceRow row, StepTag tag, double cost)
    {
        Cost += cost;
        _done++;
        if (Best is null || row.CompareTo(Best) < 0)
        {
            Before = (Best is { Class: EvidenceClass.Complete } ? Best.Loss : double.PositiveInfinity, CostAtBest);
            (Best, CostAtBest, _failures, _doneAtBest, _opposite) = (row, Cost, 0, _done, null);
            return;
        }

        if (tag.Sign > 0)
        {
            _opposite = tag with { Sign = -1 };
            return;
        }

        _opposite = null;
        if (tag.Sign < 0 && ++_failures >= _patience)
        {
            _failures = 0;
            Stride *= Math.Sqrt((double)_doneAtBest / _done);
        }
    }

    /// <summary>The next step from the best point.</summary>
    /// <param name="isAlone">Whether no trial of the thread is running: only then is the opposite of the last step taken.</param>
    /// <param name="random">Random numbers.</param>
    public (double[] Place, StepTag Tag) Next(bool isAlone, CounterRandom random)
    {
        StepTag tag = isAlone && _opposite is { } opposite ? opposite : new StepTag(Number, 1, random.NextUInt64());
        return (Step(Best!.Trial.Unit, tag), tag);
    }

    private double[] Step(ReadOnlySpan<double> from, StepTag tag)
    {
        CounterRandom random = new((long)tag.Direction);
        double[] direction = new double[from.Length];
        double norm = 0;
        for (int j = 0; j < direction.Length; j++)
        {
            direction[j] = random.NextNormal();
            norm += direction[j] * direction[j];
        }

        double scale = tag.Sign * Stride / Math.Sqrt(Math.Max(norm, 1e-300));
        for (int j = 0; j < direction.Length; j++)
        {
            Axis axis = _space.Axes[j];
            double u = random.NextDouble();
            double redraw = random.NextDouble();
            if (double.IsNaN(from[j]))
            {
                direction[j] = u;
            }
            else if (axis.IsCategorical)
            {
                direction[j] = u < Math.Min(0.5, Math.Abs(scale * direction[j])) ? redraw : from[j];
            }
            else
            {
                direction[j] = Math.Clamp(from[j] + (scale * direction[j]), 0, 1);
            }
        }

        return direction;
    }

    /// <summary>What a trial is in a search: the thread, the step's sign (0: the thread's first point), and the seed of its direction.</summary>
    internal readonly record struct StepTag(int Thread, int Sign, ulong Direction)
    {
        public static StepTag? Read(string? tag) =>
            tag?.Split(' ') is ["step", var thread, var sign, var direction]
            && int.TryParse(thread, NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            && int.TryParse(sign, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int way)
            && ulong.TryParse(direction, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong seed)
                ? new StepTag(number, way, seed)
                : null;

        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"step {Thread} {Sign} {Direction:x}");
    }
}
