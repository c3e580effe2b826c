namespace Descent.Training.Configuration;

/// <summary>For every options type with variants: the value of its <c>kind</c> key, and what that makes.</summary>
internal sealed class KindRegistry
{
    private readonly Dictionary<Type, (string? Default, SortedDictionary<string, Func<object>> Kinds)> _types = [];

    /// <summary>Registers the variants of <typeparamref name="TBase"/>; <paramref name="defaultKind"/> serves when the section names none.</summary>
    public KindRegistry Add<TBase>(string? defaultKind, IEnumerable<KeyValuePair<string, Func<TBase>>> kinds)
        where TBase : notnull
    {
        var sorted = new SortedDictionary<string, Func<object>>(StringComparer.Ordinal);
        foreach ((string kind, Func<TBase> create) in kinds)
        {
            sorted.Add(kind, () => create());
        }

        _types.Add(typeof(TBase), (defaultKind, sorted));
        return this;
    }

    public bool Has(Type type) => _types.ContainsKey(type);

    public string? DefaultKind(Type type) => _types[type].Default;

    public IEnumerable<string> Kinds(Type type) => _types[type].Kinds.Keys;

    public object? Create(Type type, string kind) => _types[type].Kinds.TryGetValue(kind, out Func<object>? create) ? create() : null;
}
