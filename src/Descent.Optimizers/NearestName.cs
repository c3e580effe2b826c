namespace Descent.Optimizers;

/// <summary>Finds the known name that a mistyped one was most likely meant to be.</summary>
internal static class NearestName
{
    /// <summary>The name that the fewest edits lead to (Levenshtein, letter case aside); the first of several, null where none is known.</summary>
    public static string? Of(string name, IEnumerable<string> known) => known.MinBy(candidate => Distance(name, candidate));

    /// <summary>A phrase for the end of a message: the nearest name when one is near, else all that are allowed.</summary>
    public static string Hint(string name, IEnumerable<string> known)
    {
        string[] names = [.. known.Order(StringComparer.Ordinal)];
        return Of(name, names) is not { } nearest ? "nothing is allowed here"
            : Distance(name, nearest) <= Math.Max(2, name.Length / 3) ? $"did you mean '{nearest}'?"
            : $"allowed: {string.Join(", ", names)}";
    }

    public static ArgumentException Unknown(string what, string name, IReadOnlyList<string> known) =>
        Of(name, known) is { } nearest
            ? new($"There is no {what} '{name}'; did you mean '{nearest}'? Known: {string.Join(", ", known)}.", nameof(name))
            : new($"There is no {what} '{name}'; there are none.", nameof(name));

    private static int Distance(string a, string b)
    {
        int[] row = [.. Enumerable.Range(0, b.Length + 1)];
        for (int i = 1; i <= a.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int replaced = diagonal + (char.ToLowerInvariant(a[i - 1]) == char.ToLowerInvariant(b[j - 1]) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[b.Length];
    }
}
