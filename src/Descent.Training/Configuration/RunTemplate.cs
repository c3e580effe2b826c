using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Descent.Training.Configuration;

/// <summary>
/// A run file with values left open: its <c>search</c> section says which keys have ranges, <c>tune</c> how they are searched, and <see cref="Bind"/> makes a run of it once they have values.
/// </summary>
/// <remarks>
/// What a range is, this class doesn't know: the section's texts are handed on as they stand. Keys are dotted paths as in <c>--set</c>, or sections within sections;
/// <c>where</c> is a constraint between them, or a list of constraints.
/// </remarks>
public sealed class RunTemplate
{
    internal const string SearchKey = "search";
    internal const string TuneKey = "tune";
    private const string WhereKey = "where";
    private const string ObjectivesKey = "objectives";
    private static readonly string[] TuneKeys = ["sampler", "pruner", ObjectivesKey];

    private readonly string _yaml;
    private readonly IReadOnlyList<string> _overrides;

    private RunTemplate(string yaml, string source, IReadOnlyList<string> overrides)
    {
        (_yaml, Source, _overrides) = (yaml, source, overrides);
        List<KeyValuePair<string, string>> search = [];
        IDictionary<YamlNode, YamlNode> sections = RunFile.ParseMapping(yaml, source).Children;
        if (sections.TryGetValue(SearchKey, out YamlNode? section))
        {
            Constraints = ReadSearch(section, "", search);
        }

        if (sections.TryGetValue(TuneKey, out YamlNode? tune))
        {
            (Tune, Objectives) = ReadTune(tune);
        }

        Search = search;
    }

    /// <summary>What messages call the run file.</summary>
    public string Source { get; }

    /// <summary>The keys of the <c>search</c> section and their texts, in its order.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Search { get; }

    /// <summary>How it is searched, as the <c>tune</c> section says: <c>sampler</c> and <c>pruner</c> and their texts; what it leaves out isn't there.</summary>
    public IReadOnlyDictionary<string, string> Tune { get; } = new Dictionary<string, string>();

    /// <summary>What runs are compared by, as <c>tune.objectives</c> says; null: it says nothing.</summary>
    public IReadOnlyList<string>? Objectives { get; }

    /// <summary>What must hold between the values.</summary>
    public IReadOnlyList<string> Constraints { get; } = [];

    /// <summary>The run file after the assignments, without its <c>search</c> and <c>tune</c> sections and without comments.</summary>
    public string Yaml
    {
        get
        {
            YamlMappingNode root = Tree();
            foreach (string assignment in _overrides)
            {
                Overrides.Apply(root, assignment);
            }

            return RunFile.ToYaml(root);
        }
    }

    /// <summary>Reads a run file that may have a <c>search</c> section.</summary>
    /// <param name="path">The file, or null for the built-in default run.</param>
    /// <param name="overrides">Assignments such as <c>stop.steps=200</c>, that hold for every run made of it.</param>
    /// <exception cref="BadInputException">The file is missing, is not YAML, or its <c>search</c> section is none.</exception>
    public static RunTemplate Load(string? path, IEnumerable<string>? overrides = null)
    {
        (string text, string source) = RunFile.Read(path);
        return new RunTemplate(text, source, [.. overrides ?? []]);
    }

    /// <summary>The run with some values.</summary>
    /// <remarks>
    /// A kind is taken before the keys that it has: another kind drops what the file said of the old one's keys. Then come the assignments that the template was read with, and last the other values.
    /// </remarks>
    /// <param name="values">Assignments such as <c>optimizer.learning_rate=3e-4</c>.</param>
    /// <exception cref="BadInputException">Something is not allowed; the message names the key.</exception>
    public RunConfiguration Bind(IEnumerable<string> values)
    {
        ILookup<bool, string> byKind = values.ToLookup(SetsKind);
        return RunFile.Bind(Tree(), Source, [.. byKind[true].OrderBy(static value => KeyOf(value).Count(static letter => letter == '.')), .. _overrides, .. byKind[false]]);
    }

    // `optimizer` alone is a whole section, by its kind or in full.
    private static bool SetsKind(string assignment) => KeyOf(assignment) is var key && (key.EndsWith(".kind", StringComparison.Ordinal) || !key.Contains('.', StringComparison.Ordinal));

    private static string KeyOf(string assignment) => assignment[..Math.Max(0, assignment.IndexOf('=', StringComparison.Ordinal))];

    private YamlMappingNode Tree()
    {
        YamlMappingNode root = RunFile.ParseMapping(_yaml, Source);
        root.Children.Remove(SearchKey);
        root.Children.Remove(TuneKey);
        return root;
    }

    private (Dictionary<string, string> Tune, string[]? Objectives) ReadTune(YamlNode node)
    {
        YamlMappingNode section = node as YamlMappingNode
            ?? throw Error(node, $"'{TuneKey}' must be a section with any of {string.Join(", ", TuneKeys)}, such as 'sampler: tpe(multivariate=true)'");
        Dictionary<string, string> tune = [];
        string[]? objectives = null;
        foreach ((YamlNode keyNode, YamlNode value) in section.Children)
        {
            string key = (keyNode as YamlScalarNode)?.Value ?? "";
            if (!TuneKeys.Contains(key))
            {
                throw Error(keyNode, $"unknown key '{TuneKey}.{key}'; allowed: {string.Join(", ", TuneKeys)}");
            }

            if (key == ObjectivesKey)
            {
                objectives = ReadObjectives(value);
                continue;
            }

            tune[key] = value is YamlScalarNode { Value: { Length: > 0 } text } ? text : throw Error(value, $"'{TuneKey}.{key}' must be a name, with options in parentheses where wanted, such as tpe(multivariate=true)");
        }

        return (tune, objectives);
    }

    private string[] ReadObjectives(YamlNode node) =>
    [
        .. (node is YamlSequenceNode list ? list.Children : [node]).Select(item => item is YamlScalarNode { Value: { Length: > 0 } text }
            ? text
            : throw Error(item, $"'{TuneKey}.{ObjectivesKey}' must be a list of names, such as [validation/loss, seconds]")),
    ];

    private string[] ReadSearch(YamlNode node, string prefix, List<KeyValuePair<string, string>> search)
    {
        string here = SearchKey + (prefix.Length == 0 ? "" : "." + prefix);
        YamlMappingNode section = node as YamlMappingNode
            ?? throw Error(node, $"'{here}' must be a section of keys with ranges, such as 'optimizer.learning_rate: log(1e-5, 1e-1)'");
        string[] constraints = [];
        foreach ((YamlNode keyNode, YamlNode value) in section.Children)
        {
            string key = (keyNode as YamlScalarNode)?.Value ?? throw Error(keyNode, $"'{here}' has a key that is none; write dotted keys, such as optimizer.learning_rate");
            string path = prefix.Length == 0 ? key : $"{prefix}.{key}";
            if (path == WhereKey)
            {
                constraints = ReadConstraints(value);
            }
            else if (value is YamlMappingNode)
            {
                ReadSearch(value, path, search);
            }
            else if (value is not YamlScalarNode { Value: { } text })
            {
                throw Error(value, $"'{SearchKey}.{path}' must be a range such as log(1e-5, 1e-1) or choice(16, 32, 64), but is a list");
            }
            else if (text.Contains('(', StringComparison.Ordinal) && !text.Contains(')', StringComparison.Ordinal))
            {
                throw Error(value, $"'{SearchKey}.{path}' is '{text}': between braces a comma ends a value. Write each range on a line of its own, or in quotes");
            }
            else if (search.Any(other => other.Key == path))
            {
                throw Error(keyNode, $"'{SearchKey}' has '{path}' twice");
            }
            else
            {
                search.Add(new(path, text));
            }
        }

        return constraints;
    }

    private string[] ReadConstraints(YamlNode node) =>
    [
        .. (node is YamlSequenceNode list ? list.Children : [node]).Select(item => item is YamlScalarNode { Value: { Length: > 0 } text }
            ? text
            : throw Error(item, $"'{SearchKey}.{WhereKey}' must be a constraint such as 'model.width % model.heads == 0', or a list of them")),
    ];

    private BadInputException Error(YamlNode node, string message) => new($"{Source}{(node.Start.Equals(Mark.Empty) ? "" : $":{node.Start.Line}")}: {message}");
}
