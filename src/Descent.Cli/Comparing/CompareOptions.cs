using Descent.Training;
using Descent.Tuning.Races;

namespace Descent.Cli.Comparing;

/// <summary>How <c>descent compare</c> was asked to compare.</summary>
internal sealed record CompareOptions
{
    /// <summary>The run file; null: the built-in one.</summary>
    public string? File { get; init; }

    /// <summary>Assignments and ranges that hold for all contenders.</summary>
    public required IReadOnlyList<string> Settings { get; init; }

    /// <summary>The optimizers' names; null: all that fit.</summary>
    public IReadOnlyList<string>? Optimizers { get; init; }

    /// <summary>What each search has the same of.</summary>
    public EqualBudget Equal { get; init; }

    /// <summary>Trials of each search.</summary>
    public int Trials { get; init; } = 8;

    /// <summary>Seeds at the best settings.</summary>
    public int Seeds { get; init; } = 5;

    /// <summary>Minutes in which all should be over.</summary>
    public double? Minutes { get; init; }

    /// <summary>The share of a full run that a run of a search is.</summary>
    public double SearchLength { get; init; } = 0.5;

    /// <summary>A metric and the value whose reaching is timed, as <c>validation/loss&lt;1.2</c>.</summary>
    public string? Target { get; init; }

    /// <summary>Runs at once.</summary>
    public int Workers { get; init; } = 1;

    /// <summary>Fresh seeds with which the recommendation is checked afterwards; 0: it isn't.</summary>
    public int CheckSeeds { get; init; }

    /// <summary>The folder; null: below <c>comparisons</c>.</summary>
    public string? Output { get; init; }

    /// <summary>What the page calls it.</summary>
    public string Name => File is null ? "default" : Path.GetFileNameWithoutExtension(File);

    /// <summary>The folder.</summary>
    public string Folder => Output ?? Path.Combine("comparisons", Name);

    /// <summary>Splits <c>metric&lt;value</c>.</summary>
    /// <exception cref="BadInputException">It is none.</exception>
    public (string Metric, double Value, bool Below)? ParsedTarget()
    {
        if (Target is null)
        {
            return null;
        }

        int sign = Target.AsSpan().IndexOfAny('<', '>');
        return sign > 0 && double.TryParse(Target.AsSpan(sign + 1).TrimStart('='), System.Globalization.CultureInfo.InvariantCulture, out double value) && double.IsFinite(value)
            ? (Target[..sign].Trim(), value, Target[sign] == '<')
            : throw new BadInputException($"--target is '{Target}'; allowed: a metric, < or >, and a number, such as 'validation/loss<1.2' (in quotes, or the shell takes the sign)");
    }
}
