using System.Globalization;
using System.IO.Compression;

namespace Descent.Tuning.Bench;

/// <summary>A complete table of configurations and accuracies; parameters are indices into the sorted values of each column.</summary>
internal static class TableProblem
{
    /// <summary>Reads every table of a folder.</summary>
    public static IEnumerable<Problem> ReadAll(string folder) => Directory.GetFiles(folder, "*.csv.gz").Order(StringComparer.Ordinal).Select(Read);

    private static Problem Read(string path)
    {
        using var reader = new StreamReader(new GZipStream(File.OpenRead(path), CompressionMode.Decompress));
        string[] header = reader.ReadLine()!.Split(',');
        int count = header.TakeWhile(static name => !name.StartsWith("seed", StringComparison.Ordinal)).Count();
        List<double[]> rows = [];
        while (reader.ReadLine() is { } line)
        {
            rows.Add([.. line.Split(',').Select(static field => double.Parse(field, CultureInfo.InvariantCulture))]);
        }

        double[][] values = [.. Enumerable.Range(0, count).Select(j => rows.Select(row => row[j]).Distinct().Order().ToArray())];
        Dictionary<long, double> errors = rows.ToDictionary(
            row => Key(Enumerable.Range(0, count).Select(j => (long)Array.IndexOf(values[j], row[j]))),
            row => 1 - row[count..].Average());
        string name = Path.GetFileName(path).Split('.')[0].Split('-')[^1];
        return new Problem(
            name,
            new SearchSpace(Enumerable.Range(0, count).Select(j => (Parameter)Parameter.Integer(header[j], 0, values[j].Length - 1))),
            configuration => errors[Key(configuration.Values.Select(static value => value.AsInteger()))],
            errors.Values.Min(),
            errors.Values.Max() - errors.Values.Min());
    }

    private static long Key(IEnumerable<long> indices) => indices.Aggregate(0L, static (key, index) => (key * 100) + index);
}
