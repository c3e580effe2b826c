using System.Globalization;
using CsvHelper;

namespace Descent.Training.Data;

/// <summary>A CSV file as rows of cells, all with as many cells as there are columns.</summary>
internal sealed class CsvSource
{
    private readonly CsvDataOptions _options;
    private readonly string _option;

    /// <summary>Reads the names of the columns.</summary>
    /// <param name="path">The file.</param>
    /// <param name="option">Name of the option the path came from, for messages.</param>
    /// <param name="options">Separator and header.</param>
    /// <exception cref="BadInputException">The file is missing or empty, or its header can't be used.</exception>
    public CsvSource(string path, string option, CsvDataOptions options)
    {
        (Path, _option, _options) = (path, option, options);
        Columns = Records().Select(record => options.Header ? Name(record.Cells) : Number(record.Cells)).FirstOrDefault()
            ?? throw new BadInputException($"{path} is empty; give a CSV file with {(options.Header ? "a line of column names and " : string.Empty)}rows");
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>Names of the columns, each different.</summary>
    public string[] Columns { get; }

    /// <summary>All rows below the header.</summary>
    /// <returns>Line in the file (the first one of a row that spans several) and cells without surrounding white space.</returns>
    /// <exception cref="BadInputException">A row has too few or too many cells, or isn't CSV.</exception>
    public IEnumerable<(long Line, string[] Cells)> Rows()
    {
        foreach ((long line, string[] cells) in Records().Skip(_options.Header ? 1 : 0))
        {
            if (cells.Length != Columns.Length)
            {
                throw new BadInputException(
                    $"{Path}, line {line}: {cells.Length} cells, but there are {Columns.Length} columns; mend the row, quote cells that hold separators, or set data.separator");
            }

            yield return (line, cells);
        }
    }

    private IEnumerable<(long Line, string[] Cells)> Records()
    {
        var reading = new CsvReaderOptions
        {
            Separator = _options.Separator?[0],
            HasHeader = false,
            TrimWhitespace = true,
            TrackLineNumbers = true,
            MalformedData = CsvMalformedDataHandling.Throw,
        };
        using var reader = CsvReader.Create(DataFile.OpenRead(Path, _option), reading, leaveOpen: false);
        while (Read(reader))
        {
            string[] cells = new string[reader.FieldCount];
            for (int i = 0; i < cells.Length; i++)
            {
                cells[i] = reader.GetString(i);
                if (cells[i].Contains('\uFFFD'))
                {
                    throw new BadInputException(
                        $"{Path}, line {reader.LineNumber}: cell {i + 1} is not valid UTF-8; convert the file, for example with iconv -t UTF-8");
                }
            }

            yield return (reader.LineNumber, cells);
        }
    }

    private bool Read(CsvReader reader)
    {
        try
        {
            return reader.Read();
        }
        catch (CsvFormatException exception)
        {
            throw new BadInputException(
                $"{Path}, line {exception.LineNumber}: the quotes are wrong ({exception.Message}); quote the whole cell and double the quotes inside it", exception);
        }
        catch (Exception exception) when (DataFile.IsDamage(exception))
        {
            throw DataFile.Damaged(Path, exception);
        }
    }

    private string[] Name(string[] header)
    {
        if (header.All(cell => double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out _)))
        {
            throw new BadInputException($"{Path}, line 1: all cells are numbers, no column names; set data.header to false or add a line of names");
        }

        // An empty name is a table's index column as pandas writes it.
        string[] names = [.. header.Select((cell, index) => cell.Length > 0 ? cell : $"column {index + 1}")];
        string? twice = names.GroupBy(name => name, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1)?.Key;
        return twice is null ? names : throw new BadInputException($"{Path}, line 1: two columns are named '{twice}'; give every column a name of its own");
    }

    private static string[] Number(string[] cells) => [.. cells.Select((_, index) => (index + 1).ToString(CultureInfo.InvariantCulture))];
}
