using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Descent.Tuning;

/// <summary>
/// A sampler or pruner as text, with or without options: <c>tpe</c>, <c>tpe(multivariate=true, candidates=48)</c>. Options that nobody asks for are an error, which names those that were asked for.
/// An option is called as the property that it sets is, in small letters: <c>WarmupSteps = options.Of(defaults.WarmupSteps)</c> is all that is said of <c>warmup_steps</c>.
/// </summary>
internal sealed class CatalogText
{
    private readonly string _text;
    private readonly string _name;
    private readonly Dictionary<string, string> _options = [];
    private readonly List<string> _asked = [];

    private CatalogText(string text, string name) => (_text, _name) = (text, name);

    /// <summary>What a text names in a catalog, with its options; whatever is wrong with it is one sentence.</summary>
    /// <param name="text">A name, with options in parentheses where wanted.</param>
    /// <param name="kind">What the catalog holds, for people.</param>
    /// <param name="entries">The catalog.</param>
    public static T Create<T>(string text, string kind, (string Name, Func<CatalogText, T> Create)[] entries)
    {
        CatalogText options = Parse(text);
        Func<CatalogText, T> create = entries.FirstOrDefault(entry => entry.Name == options._name).Create
            ?? throw new ArgumentException($"There is no {kind} '{options._name}'. Known: {string.Join(", ", entries.Select(static entry => entry.Name))}.", nameof(text));
        T made;
        try
        {
            made = create(options);
        }
        catch (ArgumentOutOfRangeException fault)
        {
            // The framework adds the parameter's name and the value, which the sentence has.
            throw new ArgumentException($"'{text}': {fault.Message.Split(" (Parameter")[0]}", fault);
        }

        return options._options.Count == 0
            ? made
            : throw new ArgumentException($"'{text}': {options._name} has no option '{options._options.Keys.First()}'; {(options._asked.Count == 0 ? "it has none" : $"it has: {string.Join(", ", options._asked)}")}.");
    }

    /// <summary>The value of the option that sets a property: true or false, or a number.</summary>
    /// <param name="fallback">The property's default.</param>
    /// <param name="property">The property, as it stands in the code.</param>
    public T Of<T>(T fallback, [CallerArgumentExpression(nameof(fallback))] string property = "")
        where T : struct, IParsable<T> => Read<T>(property) ?? fallback;

    /// <summary>The same of a property that may be none.</summary>
    public T? Of<T>(T? fallback, [CallerArgumentExpression(nameof(fallback))] string property = "")
        where T : struct, IParsable<T> => Read<T>(property) ?? fallback;

    private static CatalogText Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        int open = text.IndexOf('(', StringComparison.Ordinal);
        CatalogText result = new(text, (open < 0 ? text : text[..open]).Trim());
        if (open < 0)
        {
            return result;
        }

        if (!text.TrimEnd().EndsWith(')'))
        {
            throw new ArgumentException($"'{text}' has no closing parenthesis; allowed: a name, or name(option=value, …).", nameof(text));
        }

        foreach (string part in Parts(text[(open + 1)..text.LastIndexOf(')')]))
        {
            int equals = part.IndexOf('=', StringComparison.Ordinal);
            string key = equals < 0 ? "" : part[..equals].Trim();
            if (key.Length == 0)
            {
                throw new ArgumentException($"'{text}' has '{part.Trim()}' where option=value is needed.", nameof(text));
            }

            if (!result._options.TryAdd(key, part[(equals + 1)..].Trim()))
            {
                throw new ArgumentException($"'{text}' has the option '{key}' twice.", nameof(text));
            }
        }

        return result;
    }

    /// <summary>An option as it stands; none: it isn't there.</summary>
    public string? Text(string name)
    {
        _asked.Add(name);
        return _options.Remove(name, out string? value) ? value : null;
    }

    /// <summary>Options whose names begin with a word and a point, without it.</summary>
    public Dictionary<string, string> Below(string word)
    {
        _asked.Add($"{word}.NAME");
        Dictionary<string, string> found = _options.Where(option => option.Key.StartsWith(word + ".", StringComparison.Ordinal)).ToDictionary(option => option.Key[(word.Length + 1)..], static option => option.Value);
        foreach (string key in found.Keys)
        {
            _options.Remove($"{word}.{key}");
        }

        return found;
    }

    private T? Read<T>(string property)
        where T : struct, IParsable<T>
    {
        string name = JsonNamingPolicy.SnakeCaseLower.ConvertName(property[(property.LastIndexOf('.') + 1)..]);
        return Text(name) is not { } text ? null
            : T.TryParse(text, CultureInfo.InvariantCulture, out T value) ? value
            : throw new ArgumentException($"'{_text}': {name} is '{text}'; allowed: {(value is bool ? "true or false" : value is double ? "a number" : "a whole number")}.");
    }

    /// <summary>What stands between commas that are in no parenthesis.</summary>
    private static IEnumerable<string> Parts(string text)
    {
        int start = 0;
        int depth = 0;
        for (int i = 0; i < text.Length; i++)
        {
            depth += text[i] switch { '(' => 1, ')' => -1, _ => 0 };
            if (text[i] == ',' && depth == 0)
            {
                yield return text[start..i];
                start = i + 1;
            }
        }

        if (start > 0 || !string.IsNullOrWhiteSpace(text))
        {
            yield return text[start..];
        }
    }
}
