using System.Text.RegularExpressions;

namespace Descent.Training.Tests.Configuration;

/// <summary>docs/run-file.md as data: the tables below its headings, and its examples.</summary>
internal sealed partial class RunFilePage
{
    public const string File = "docs/run-file.md";

    private readonly List<Table> _tables = [];

    public RunFilePage(string markdown)
    {
        string section = "";
        string[] kinds = [];
        foreach (string line in markdown.Split('\n'))
        {
            if (line.StartsWith("## ", StringComparison.Ordinal))
            {
                (section, kinds) = (Code().Match(line).Groups[1].Value, []);
                _tables.Add(new Table(section, kinds, []));
            }
            else if (line.StartsWith("### ", StringComparison.Ordinal))
            {
                kinds = [.. Code().Matches(line).Select(static match => match.Groups[1].Value)];
                _tables.Add(new Table(section, kinds, []));
            }
            else if (line.StartsWith("| `", StringComparison.Ordinal))
            {
                string[] cells = [.. Bar().Split(line).Select(static cell => cell.Trim())];
                _tables[^1].Rows.Add(new Row(cells[1].Trim('`'), cells[2], cells[3]));
            }
        }
    }

    /// <summary>The sections in the order of the page.</summary>
    public IReadOnlyList<string> Sections => [.. _tables.Select(static table => table.Section).Distinct().Where(static section => section.Length > 0)];

    /// <summary>The kinds of a section, each as often as it has a heading.</summary>
    public IReadOnlyList<string> Kinds(string section) => [.. _tables.Where(table => table.Section == section).SelectMany(static table => table.Kinds)];

    /// <summary>The rows for one kind: those of every kind, and its own.</summary>
    public IReadOnlyList<Row> Rows(string section, string? kind) =>
    [
        .. _tables.Where(table => table.Section == section && (table.Kinds.Length == 0 || table.Kinds.Contains(kind))).SelectMany(static table => table.Rows),
    ];

    /// <summary>The YAML examples of a page.</summary>
    public static IEnumerable<string> Examples(string markdown) => Yaml().Matches(markdown).Select(static match => match.Groups[1].Value);

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Code();

    [GeneratedRegex(@"(?<!\\)\|")]
    private static partial Regex Bar();

    [GeneratedRegex(@"^```yaml\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Yaml();

    /// <summary>A line of a table: a key, what it means, and the cell of its default.</summary>
    internal sealed partial record Row(string Key, string Meaning, string Default)
    {
        /// <summary>The default as the page gives it for a kind, null where it says that there is none.</summary>
        public string? DefaultFor(string? kind) =>
            kind is not null && Regex.Match(Default, $"with `{Regex.Escape(kind)}` `([^`]+)`") is { Success: true } special ? special.Groups[1].Value
            : Leading().Match(Default) is { Success: true } plain ? plain.Groups[1].Value
            : Default.StartsWith("none", StringComparison.Ordinal) ? null
            : throw new FormatException($"{Key}: the default '{Default}' begins neither with `code` nor with none.");

        [GeneratedRegex("^`([^`]+)`")]
        private static partial Regex Leading();
    }

    private sealed record Table(string Section, string[] Kinds, List<Row> Rows);
}
