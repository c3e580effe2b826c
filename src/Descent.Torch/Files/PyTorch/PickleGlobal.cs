namespace Descent.Torch;

/// <summary>A class or function that a pickle names. It stays a name: nothing is imported and nothing is called.</summary>
internal sealed record PickleGlobal(string Module, string Name)
{
    public override string ToString() => $"{Module}.{Name}";
}

/// <summary>An object of a class that isn't known here, as inert data.</summary>
internal sealed record PickleObject(PickleGlobal Class, object? Arguments)
{
    public override string ToString() => $"a {Class}";
}
