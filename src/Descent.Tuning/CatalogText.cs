using System.Globalization;

namespace Descent.Tuning;

/// <summary>
/// A sampler or pruner as text, with or without options: <c>tpe</c>, <c>tpe(multivariate=true, candidates=48)</c>. Options that nobody asks for are an error, which names those that were asked for.
/// </summary>
internal sealed class CatalogText
{
    private readonly string _text;
    private readonly Dictionary<string, string> _options = [];
    private readonly List<string> _asked = [];

    private CatalogText(string text, string name) => (_text, Name) = (text, name);

    /// <summary>What stands before the parenthesis.</summary>
    public string Name { get; }

    /// <summary>The options that were asked for.</summary>
    public IReadOnlyList<string> Asked => _asked;

    public static CatalogText Parse(string text)
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

    public string? Text(string name)
    {
        _asked.Add(name);
        return _options.Remove(name, out string? value) ? value : null;
    }

    public int Integer(string name, int fallback) => Read(name, "a whole number", static text => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value) ? value : (int?)null) ?? fallback;

    public int? Integer(string name) => Read(name, "a whole number", static text => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value) ? value : (int?)null);

    public long Long(string name, long fallback) => Long(name) ?? fallback;

    public long? Long(string name) => Read(name, "a whole number", static text => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value) ? value : (long?)null);

    public double Number(string name, double fallback) => Number(name) ?? fallback;

    public double? Number(string name) => Read(name, "a number", static text => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) ? value : (double?)null);

    public bool Flag(string name, bool fallback) => Read(name, "true or false", static text => bool.TryParse(text, out bool value) ? value : (bool?)null) ?? fallback;

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

    /// <summary>What a catalog's entry makes of the options; whatever is wrong with them is one sentence.</summary>
    public T Make<T>(Func<CatalogText, T> create)
    {
        T made;
        try
        {
            made = create(this);
        }
        catch (ArgumentOutOfRangeException fault)
        {
            // The framework adds the parameter's name and the value, which the sentence has.
            throw new ArgumentException($"'{_text}': {fault.Message.Split(" (Parameter")[0]}", fault);
        }

        return _options.Count == 0
            ? made
            : throw new ArgumentException($"'{_text}': {Name} has no option '{_options.Keys.First()}'; {(_asked.Count == 0 ? "it has none" : $"it has: {string.Join(", ", _asked)}")}.");
    }

    private T? Read<T>(string name, string wanted, Func<string, T?> read)
        where T : struct =>
        Text(name) is not { } text ? null : read(text) ?? throw new ArgumentException($"'{_text}': {name} is '{text}'; allowed: {wanted}.");

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
