using System.Globalization;

namespace Descent.Training.Data;

/// <summary>What a scan of all cells tells about a column.</summary>
internal sealed class TableColumn
{
    private readonly int _maximumDistinct;
    private readonly HashSet<string> _distinct = new(StringComparer.Ordinal);

    /// <summary>Starts a scan.</summary>
    /// <param name="name">The column's name.</param>
    /// <param name="index">Its place in the file, from 0.</param>
    /// <param name="maximumDistinct">Different values that are kept apart; beyond one more, counting stops.</param>
    public TableColumn(string name, int index, int maximumDistinct)
    {
        (Name, Index, _maximumDistinct) = (name, index, maximumDistinct);
    }

    /// <summary>The column's name.</summary>
    public string Name { get; }

    /// <summary>Its place in the file, from 0.</summary>
    public int Index { get; }

    /// <summary>Values of a categorical column in order, one feature each; null where the column is numeric.</summary>
    public IReadOnlyList<string>? Categories { get; private set; }

    /// <summary>Cells that are numbers.</summary>
    public long Numbers { get; private set; }

    /// <summary>Cells that aren't.</summary>
    public long Texts { get; private set; }

    /// <summary>Line and content of the first cell that isn't a number.</summary>
    public (long Line, string Cell) FirstText { get; private set; }

    /// <summary>Line and content of the first number that is NaN or infinite; null where all are finite.</summary>
    public (long Line, string Cell)? FirstNonFinite { get; private set; }

    /// <summary>Whether all numbers are whole.</summary>
    public bool IsWhole { get; private set; } = true;

    /// <summary>Whether most cells are numbers.</summary>
    public bool IsNumeric => Numbers > Texts;

    /// <summary>Different values, at most one more than are kept apart.</summary>
    public int Distinct => _distinct.Count;

    /// <summary>Values in order: whole numbers by value, all else by characters.</summary>
    public IReadOnlyList<string> Values => Texts == 0 && IsWhole
        ? [.. _distinct.OrderBy(value => double.Parse(value, CultureInfo.InvariantCulture)).ThenBy(value => value, StringComparer.Ordinal)]
        : [.. _distinct.Order(StringComparer.Ordinal)];

    /// <summary>Makes this a categorical column.</summary>
    public void UseCategories() => Categories = Values;

    /// <summary>Takes one cell into account.</summary>
    /// <param name="line">Its line.</param>
    /// <param name="cell">Its content.</param>
    public void Observe(long line, string cell)
    {
        if (TryNumber(cell, out double number))
        {
            Numbers++;
            IsWhole &= double.IsInteger(number);
            if (!double.IsFinite(number))
            {
                FirstNonFinite ??= (line, cell);
            }
        }
        else
        {
            FirstText = Texts++ == 0 ? (line, cell) : FirstText;
        }

        if (_distinct.Count <= _maximumDistinct)
        {
            _distinct.Add(cell);
        }
    }

    /// <summary>A cell as a number, NaN and infinities included, <c>inf</c> among them, which C's libraries, NumPy and pandas write.</summary>
    /// <param name="cell">The content.</param>
    /// <param name="number">The number.</param>
    public static bool TryNumber(string cell, out double number)
    {
        if (double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out number))
        {
            return true;
        }

        ReadOnlySpan<char> text = cell.AsSpan().Trim();
        bool negative = text is ['-', ..];
        number = negative ? double.NegativeInfinity : double.PositiveInfinity;
        return (text is ['+' or '-', ..] ? text[1..] : text).Equals("inf", StringComparison.OrdinalIgnoreCase);
    }
}
