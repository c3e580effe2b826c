namespace Descent.Optimizers;

/// <summary>Finds the known name that a mistyped one was most likely meant to be.</summary>
internal static class NearestName
{
    /// <summary>The name that the fewest edits lead to (Damerau and Levenshtein, letter case aside); the first of several, null where none is known.</summary>
    public static string? Of(string name, IEnumerable<string> known) => known.MinBy(candidate => Distance(name, candidate));

    /// <summary>A phrase for the end of a message: the nearest name when one is near, else all that are allowed.</summary>
    public static string Hint(string name, IEnumerable<string> known)
    {
        string[] names = [.. known.Order(StringComparer.Ordinal)];
        return Of(name, names) is not { } nearest ? "nothing is allowed here"
            : IsNear(name, nearest) ? $"did you mean '{nearest}'?"
            : $"allowed: {string.Join(", ", names)}";
    }

    public static ArgumentException Unknown(string what, string name, IReadOnlyList<string> known) =>
        Of(name, known) is { } nearest
            ? new($"There is no {what} '{name}'{(IsNear(name, nearest) ? $"; did you mean '{nearest}'?" : ".")} Known: {string.Join(", ", known)}.", nameof(name))
            : new($"There is no {what} '{name}'; there are none.", nameof(name));

    /// <summary>Whether one name may be a slip of the other: an edit in every three letters, and one in the shortest.</summary>
    public static bool IsNear(string name, string other) => Distance(name, other) <= Math.Max(1, Math.Min(name.Length, other.Length) / 3);

    // Two neighbours that changed places are one edit: the commonest slip of all.
    private static int Distance(string a, string b)
    {
        int[] before = [], last = [.. Enumerable.Range(0, b.Length + 1)];
        for (int i = 1; i <= a.Length; i++)
        {
            int[] row = [i, .. new int[b.Length]];
            for (int j = 1; j <= b.Length; j++)
            {
                row[j] = Math.Min(last[j - 1] + (Same(i, j) ? 0 : 1), Math.Min(last[j], row[j - 1]) + 1);
                if (i > 1 && j > 1 && Same(i, j - 1) && Same(i - 1, j))
                {
                    row[j] = Math.Min(row[j], before[j - 2] + 1);
                }
            }

            (before, last) = (last, row);
        }

        return last[b.Length];

        bool Same(int i, int j) => char.ToLowerInvariant(a[i - 1]) == char.ToLowerInvariant(b[j - 1]);
    }
}
