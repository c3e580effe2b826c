using Descent.Optimizers;

namespace Descent.Torch;

/// <summary>Finds what a pattern of parameter names was most likely meant to be.</summary>
internal static class NearestPattern
{
    private const int Listed = 12;

    /// <summary>A phrase for the end of a message: the pattern that was probably meant, else the names there are, numbers written as *.</summary>
    public static string Hint(string pattern, IEnumerable<string> names)
    {
        string[] general = [.. names.Select(Generalize).Distinct(StringComparer.Ordinal)];

        // A pattern may stop early: every beginning of a name, followed by a star, is one that somebody could have meant.
        string[] candidates = [.. general.SelectMany(Beginnings).Concat(general).Concat(names).Distinct(StringComparer.Ordinal)];
        string hint = NearestName.Hint(pattern, candidates);
        return hint.StartsWith("did you mean", StringComparison.Ordinal)
            ? hint
            : $"there are {string.Join(", ", general.Take(Listed))}{(general.Length > Listed ? $" and {general.Length - Listed} more" : "")}";
    }

    private static string Generalize(string name) => string.Join('.', name.Split('.').Select(static part => part.All(char.IsAsciiDigit) ? "*" : part));

    private static IEnumerable<string> Beginnings(string name)
    {
        for (int dot = name.IndexOf('.', StringComparison.Ordinal); dot >= 0; dot = name.IndexOf('.', dot + 1))
        {
            yield return name[..dot] + ".*";
        }
    }
}
