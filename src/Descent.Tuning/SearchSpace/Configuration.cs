using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace Descent.Tuning;

/// <summary>One point of a search space: the values of the parameters that are there, in the space's order.</summary>
public sealed class Configuration : IReadOnlyDictionary<string, ParameterValue>, IEquatable<Configuration>
{
    private readonly KeyValuePair<string, ParameterValue>[] _values;

    /// <summary>A point.</summary>
    /// <param name="values">Names and values, in the space's order.</param>
    public Configuration(IEnumerable<KeyValuePair<string, ParameterValue>> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        _values = [.. values];
    }

    /// <summary>The point without parameters.</summary>
    public static Configuration Empty { get; } = new([]);

    /// <inheritdoc/>
    public int Count => _values.Length;

    /// <inheritdoc/>
    public IEnumerable<string> Keys => _values.Select(static pair => pair.Key);

    /// <inheritdoc/>
    public IEnumerable<ParameterValue> Values => _values.Select(static pair => pair.Value);

    /// <summary>The value of a parameter.</summary>
    /// <param name="key">Its name.</param>
    /// <exception cref="KeyNotFoundException">The space has no such parameter, or its condition doesn't hold here.</exception>
    public ParameterValue this[string key] => TryGetValue(key, out ParameterValue value)
        ? value
        : throw new KeyNotFoundException($"The trial has no parameter '{key}'. It has: {string.Join(", ", Keys)}.");

    /// <summary>The value of a parameter of real or whole numbers.</summary>
    /// <param name="key">Its name.</param>
    public double Number(string key) => this[key].AsNumber();

    /// <summary>The value of a parameter of whole numbers.</summary>
    /// <param name="key">Its name.</param>
    public long Integer(string key) => this[key].AsInteger();

    /// <summary>The value of a parameter of texts.</summary>
    /// <param name="key">Its name.</param>
    public string Text(string key) => this[key].AsText();

    /// <summary>The value of a parameter of flags.</summary>
    /// <param name="key">Its name.</param>
    public bool Flag(string key) => this[key].AsFlag();

    /// <inheritdoc/>
    public bool ContainsKey(string key) => TryGetValue(key, out _);

    /// <inheritdoc/>
    // A search: spaces have a handful of parameters, and a hash table for each of a million trials would cost more than it saves.
    public bool TryGetValue(string key, [MaybeNullWhen(false)] out ParameterValue value)
    {
        foreach (KeyValuePair<string, ParameterValue> pair in _values)
        {
            if (pair.Key == key)
            {
                value = pair.Value;
                return true;
            }
        }

        value = default;
        return false;
    }

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, ParameterValue>> GetEnumerator() => _values.AsEnumerable().GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Whether names and values are the same.</summary>
    /// <param name="other">The other point.</param>
    public bool Equals(Configuration? other) => other is not null && _values.AsSpan().SequenceEqual(other._values);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Configuration);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        HashCode hash = default;
        foreach (KeyValuePair<string, ParameterValue> pair in _values)
        {
            hash.Add(pair.Key);
            hash.Add(pair.Value);
        }

        return hash.ToHashCode();
    }

    /// <summary>Names and values for people: <c>learning_rate=0.001, layers=4</c>.</summary>
    public override string ToString() => string.Join(", ", _values.Select(static pair => $"{pair.Key}={pair.Value}"));
}
