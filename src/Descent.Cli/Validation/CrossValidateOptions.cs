using Descent.Cli.Tuning;

namespace Descent.Cli.Validation;

/// <summary>How <c>descent cross-validate</c> was asked to validate.</summary>
internal sealed record CrossValidateOptions
{
    /// <summary>The run file; null: the built-in one.</summary>
    public string? File { get; init; }

    /// <summary>Assignments, and for a nested search ranges.</summary>
    public required IReadOnlyList<string> Settings { get; init; }

    /// <summary>The folder; null: below <c>folds</c>.</summary>
    public string? Output { get; init; }

    /// <summary>Folds at once; of a nested search, trials at once.</summary>
    public int Workers { get; init; } = 1;

    /// <summary>How each inner search goes, where something is searched.</summary>
    public required TuneOptions Search { get; init; }

    /// <summary>What it is called.</summary>
    public string Name => File is null ? "default" : Path.GetFileNameWithoutExtension(File);

    /// <summary>The folder.</summary>
    public string Folder => Output ?? Path.Combine("folds", Name);
}
