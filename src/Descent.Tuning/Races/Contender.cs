namespace Descent.Tuning.Races;

/// <summary>One of the ways to do something that a <see cref="Race"/> compares.</summary>
public sealed record Contender
{
    /// <summary>What it is called.</summary>
    public required string Name
    {
        get;
        init => field = !string.IsNullOrWhiteSpace(value) && !value.AsSpan().ContainsAny('/', '\\') ? value
            : throw new ArgumentException($"Name is '{value}'; allowed: a text without slashes, since a folder is named so.", nameof(Name));
    }

    /// <summary>Its settings that are searched; a space of no parameter is one that needs no search.</summary>
    public required SearchSpace Space { get; init; }

    /// <summary>The point that is tried first, such as what its authors advise. Default: none, the sampler begins.</summary>
    public IReadOnlyDictionary<string, ParameterValue>? Start { get; init; }

    /// <summary>
    /// Parameters (logarithmic ones) whose range goes on beyond an end at which the best lies after two thirds of the search; the last third then searches there. Default: none.
    /// </summary>
    public IReadOnlyList<string> Widened { get; init; } = [];
}
