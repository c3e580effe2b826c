namespace Descent.Cli;

/// <summary>Command lines that a person copies: what is printed here, a shell takes as it is meant.</summary>
internal static class Shell
{
    /// <summary>A path as one argument, from the present folder.</summary>
    public static string Path(string path) => System.IO.Path.GetRelativePath(Environment.CurrentDirectory, path) is var relative && relative.StartsWith('-')
        ? Argument($".{System.IO.Path.DirectorySeparatorChar}{relative}")
        : Argument(relative);

    /// <summary>A text as one argument: as it is where no letter of it means something to a shell, else in quotes.</summary>
    public static string Argument(string text) =>
        text.Length > 0 && text.All(static letter => char.IsLetterOrDigit(letter) || letter is '/' or '.' or '-' or '_' or ':' or '=' or '+' or ',' or '@' or '%')
            ? text
            : $"'{text.Replace("'", @"'\''", StringComparison.Ordinal)}'";
}
