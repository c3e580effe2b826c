namespace Descent.Tuning.Importance;

/// <summary>
/// A regression tree that is grown to the end: leaves are boxes of the unit cube. Breiman, Friedman, Olshen, Stone, "Classification and Regression
/// Trees", 1984: each split reduces the sum of squares most; lines and cells are split at a threshold, choices into one and the rest.
/// </summary>
internal sealed class RegressionTree
{
    private const int DeepestLevel = 64;

    private readonly bool[] _isCategorical;
    private readonly int[] _choices;
    private readonly double[][] _columns;
    private readonly double[] _values;
    private readonly List<Leaf> _leaves = [];
    private readonly List<double>[] _thresholds;

    private RegressionTree(double[][] columns, double[] values, int[] choices)
    {
        (_columns, _values, _choices) = (columns, values, choices);
        _isCategorical = [.. choices.Select(static count => count > 0)];
        _thresholds = [.. columns.Select(static _ => new List<double>())];
    }

    /// <summary>The leaves.</summary>
    public IReadOnlyList<Leaf> Leaves => _leaves;

    /// <summary>Grows a tree.</summary>
    /// <param name="columns">Of each dimension: a coordinate for each row.</param>
    /// <param name="values">A value for each row.</param>
    /// <param name="choices">Of each dimension: the number of choices without order; 0: an ordered one.</param>
    /// <param name="rows">The rows to learn from, with repeats.</param>
    public static RegressionTree Grow(double[][] columns, double[] values, int[] choices, int[] rows)
    {
        RegressionTree tree = new(columns, values, choices);
        Side[] box = [.. choices.Select(static count => new Side(0, 1, count > 0 ? [.. Enumerable.Repeat(true, count)] : null))];
        tree.Split(rows, box, 0);
        foreach (List<double> thresholds in tree._thresholds)
        {
            thresholds.Sort();
        }

        return tree;
    }

    /// <summary>The parts of a dimension within which no leaf changes: where each lies, and how long it is.</summary>
    public (double Middle, double Length)[] Parts(int dimension)
    {
        if (_isCategorical[dimension])
        {
            int count = _choices[dimension];
            return [.. Enumerable.Range(0, count).Select(i => ((i + 0.5) / count, 1.0 / count))];
        }

        double[] borders = [0, .. _thresholds[dimension].Distinct(), 1];
        return [.. Enumerable.Range(0, borders.Length - 1).Select(i => ((borders[i] + borders[i + 1]) / 2, borders[i + 1] - borders[i]))];
    }

    private void Split(int[] rows, Side[] box, int level)
    {
        if (rows.Length < 2 || level == DeepestLevel || BestSplit(rows) is not { } split)
        {
            _leaves.Add(new Leaf(box, rows.Average(row => _values[row])));
            return;
        }

        Side[] left = [.. box];
        Side[] right = [.. box];
        int[] leftRows;
        if (_isCategorical[split.Dimension])
        {
            int choice = (int)split.Place;
            bool[] one = new bool[_choices[split.Dimension]];
            bool[] rest = [.. box[split.Dimension].Choices!];
            (one[choice], rest[choice]) = (true, false);
            left[split.Dimension] = new Side(0, 1, one);
            right[split.Dimension] = new Side(0, 1, rest);
            leftRows = [.. rows.Where(row => ChoiceOf(split.Dimension, row) == choice)];
        }
        else
        {
            _thresholds[split.Dimension].Add(split.Place);
            left[split.Dimension] = box[split.Dimension] with { High = split.Place };
            right[split.Dimension] = box[split.Dimension] with { Low = split.Place };
            leftRows = [.. rows.Where(row => _columns[split.Dimension][row] < split.Place)];
        }

        int[] rightRows = [.. rows.Where(row => _isCategorical[split.Dimension] ? ChoiceOf(split.Dimension, row) != (int)split.Place : _columns[split.Dimension][row] >= split.Place)];
        Split(leftRows, left, level + 1);
        Split(rightRows, right, level + 1);
    }

    private int ChoiceOf(int dimension, int row) => (int)Cells.IndexOf(_columns[dimension][row], _choices[dimension]);

    /// <summary>The split after which Σ(Σy)²/n over both sides is largest; none: all values, or all points, are the same.</summary>
    private (int Dimension, double Place)? BestSplit(int[] rows)
    {
        double total = rows.Sum(row => _values[row]);
        double whole = total * total / rows.Length;
        double best = whole + (1e-12 * Math.Max(Math.Abs(whole), 1e-300));
        (int, double)? found = null;
        for (int dimension = 0; dimension < _columns.Length; dimension++)
        {
            if (_isCategorical[dimension])
            {
                foreach (IGrouping<int, int> group in rows.GroupBy(row => ChoiceOf(dimension, row)))
                {
                    double sum = group.Sum(row => _values[row]);
                    int count = group.Count();
                    double score = count == rows.Length ? 0 : (sum * sum / count) + ((total - sum) * (total - sum) / (rows.Length - count));
                    (best, found) = score > best ? (score, (dimension, group.Key)) : (best, found);
                }

                continue;
            }

            double[] column = _columns[dimension];
            int[] sorted = [.. rows];
            Array.Sort([.. rows.Select(row => column[row])], sorted);
            double left = 0;
            for (int i = 1; i < sorted.Length; i++)
            {
                left += _values[sorted[i - 1]];
                double low = column[sorted[i - 1]];
                double high = column[sorted[i]];
                double place = (low + high) / 2;
                if (place > low && place <= high)
                {
                    double score = (left * left / i) + ((total - left) * (total - left) / (sorted.Length - i));
                    (best, found) = score > best ? (score, (dimension, place)) : (best, found);
                }
            }
        }

        return found;
    }

    /// <summary>A leaf: its box and the mean of the rows in it.</summary>
    internal sealed record Leaf(Side[] Box, double Value)
    {
        /// <summary>The part of the cube that it fills.</summary>
        public double Volume => Box.Aggregate(1.0, static (volume, side) => volume * side.Length);
    }

    /// <summary>One side of a box: an interval, or some of the choices.</summary>
    internal readonly record struct Side(double Low, double High, bool[]? Choices)
    {
        public double Length => Choices is null ? High - Low : (double)Choices.Count(static isIn => isIn) / Choices.Length;

        /// <summary>The runs of parts that lie within the side, each from its first to behind its last.</summary>
        public IEnumerable<(int First, int End)> Ranges((double Middle, double Length)[] parts)
        {
            if (Choices is not null)
            {
                bool[] choices = Choices;
                return Enumerable.Range(0, choices.Length).Where(choice => choices[choice]).Select(static choice => (choice, choice + 1));
            }

            return [(FirstFrom(parts, Low), FirstFrom(parts, High))];
        }

        private static int FirstFrom((double Middle, double Length)[] parts, double place)
        {
            (int low, int high) = (0, parts.Length);
            while (low < high)
            {
                int middle = (low + high) / 2;
                (low, high) = parts[middle].Middle < place ? (middle + 1, high) : (low, middle);
            }

            return low;
        }

        public bool Covers(double place) => Choices is null ? place >= Low && place < High : Choices[Cells.IndexOf(place, Choices.Length)];
    }
}
