namespace Descent.Cli;

/// <summary>Command lines that a person copies: what is printed here, a shell takes as it is meant.</summary>
internal static class Shell
{
    /// <summary>A path as one argument: from the present folder, or whole where that is shorter.</summary>
    public static string Path(string path)
    {
        string whole = System.IO.Path.GetFullPath(path);
        string relative = System.IO.Path.GetRelativePath(Environment.CurrentDirectory, whole);
        string shorter = relative.Length <= whole.Length ? relative : whole;
        return Argument(shorter.StartsWith('-') ? $".{System.IO.Path.DirectorySeparatorChar}{shorter}" : shorter);
    }

    /// <summary>A text as one argument: as it is where no letter of it means something to a shell, else in quotes.</summary>
    public static string Argument(string text) =>
        text.Length > 0 && text.All(static letter => char.IsLetterOrDigit(letter) || letter is '/' or '.' or '-' or '_' or ':' or '=' or '+' or ',' or '@' or '%')
            ? text
            : $"'{text.Replace("'", @"'\''", StringComparison.Ordinal)}'";
}
