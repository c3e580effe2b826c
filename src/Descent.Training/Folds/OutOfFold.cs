using System.Globalization;
using System.Text;
using CsvHelper;
using Descent.Training.Checkpoints;

namespace Descent.Training.Folds;

/// <summary>Out-of-fold predictions: what is said of every held-out sample, by the model that had not seen it. The content of <c>out_of_fold.csv</c>.</summary>
/// <remarks>
/// For classes the columns are <c>target</c>, <c>prediction</c> and <c>probability_…</c> of each class; for numbers <c>target</c> and <c>prediction</c> in the data's own unit (numbered
/// where there are several); for text <c>tokens</c>, <c>bytes</c> and <c>loss</c>, in nats a token, of each window.
/// </remarks>
public sealed class OutOfFold
{
    private static readonly string[] Keys = ["row", "fold", "repeat"];

    internal OutOfFold(IReadOnlyList<string> columns, IReadOnlyList<OutOfFoldRow> rows) => (Columns, Rows) = (columns, rows);

    /// <summary>Names of the values, without those of row, fold and repeat.</summary>
    public IReadOnlyList<string> Columns { get; }

    /// <summary>The samples, by repeat and then by row; of text by fold.</summary>
    public IReadOnlyList<OutOfFoldRow> Rows { get; }

    /// <summary>Joins the predictions of several folds.</summary>
    /// <param name="folds">Each fold's, with the same columns.</param>
    public static OutOfFold Join(IReadOnlyList<OutOfFold> folds)
    {
        ArgumentNullException.ThrowIfNull(folds);
        IEnumerable<OutOfFoldRow> rows = folds.SelectMany(static fold => fold.Rows);
        IReadOnlyList<string> columns = folds.Count > 0 ? folds[0].Columns : [];

        // Windows of text are numbered within their fold.
        bool windows = columns.Contains("tokens");
        return new OutOfFold(columns, [.. rows.OrderBy(static row => row.Repeat).ThenBy(row => windows ? row.Fold : 0).ThenBy(static row => row.Row)]);
    }

    /// <summary>Reads a file that <see cref="Save"/> wrote.</summary>
    /// <exception cref="BadInputException">The file is missing or is no such file.</exception>
    public static OutOfFold Read(string path)
    {
        try
        {
            using var reader = CsvReader.Create(File.OpenRead(path), new CsvReaderOptions { Separator = ',', HasHeader = false }, leaveOpen: false);
            List<string[]> lines = [];
            while (reader.Read())
            {
                lines.Add([.. Enumerable.Range(0, reader.FieldCount).Select(reader.GetString)]);
            }

            CultureInfo culture = CultureInfo.InvariantCulture;
            return new OutOfFold(lines[0][Keys.Length..], [.. lines.Skip(1).Select(cells => new OutOfFoldRow(
                long.Parse(cells[0], culture), int.Parse(cells[1], culture), int.Parse(cells[2], culture), cells[Keys.Length..]))]);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or FormatException or OverflowException or ArgumentException or IndexOutOfRangeException or CsvFormatException)
        {
            throw new BadInputException($"{path}: the fold's predictions can't be read ({exception.Message}); remove the fold's folder to train it again", exception);
        }
    }

    /// <summary>Writes them as CSV (RFC 4180), whole or not at all.</summary>
    /// <param name="path">The file.</param>
    public void Save(string path) => AtomicFile.WriteAllText(path, Write());

    internal string Write()
    {
        CultureInfo culture = CultureInfo.InvariantCulture;
        var text = new StringBuilder();
        Line([.. Keys, .. Columns]);
        foreach (OutOfFoldRow row in Rows)
        {
            Line([row.Row.ToString(culture), row.Fold.ToString(culture), row.Repeat.ToString(culture), .. row.Values]);
        }

        return text.ToString();

        void Line(IEnumerable<string> cells) => text.AppendJoin(',', cells.Select(static cell =>
            cell.AsSpan().ContainsAny(",\"\r\n") ? $"\"{cell.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : cell)).Append('\n');
    }
}
