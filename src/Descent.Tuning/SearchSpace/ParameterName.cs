namespace Descent.Tuning;

/// <summary>Names of parameters: what an expression can name without quotes.</summary>
internal static class ParameterName
{
    private static readonly string[] Words = ["and", "or", "not", "in", "if", "true", "false"];

    public static string Checked(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name.Length > 0 && StartsName(name[0]) && name.All(ContinuesName) && !Words.Contains(name)
            ? name
            : throw new SearchSpaceException(
                $"A parameter is named '{name}'; allowed: a letter or _, then letters, digits and _ . [ ], and none of {string.Join(", ", Words)}.");
    }

    public static bool StartsName(char c) => char.IsAsciiLetter(c) || c == '_';

    public static bool ContinuesName(char c) => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '[' or ']';
}
