namespace Descent.Tuning.Importance;

/// <summary>How much of an objective's variance over the search space one parameter, or two together, explain.</summary>
/// <param name="Parameters">One name, or two.</param>
/// <param name="Share">The part of the variance, 0 to 1: the mean over the forest's trees. Of two parameters only what they explain beyond each alone.</param>
/// <param name="Deviation">Its standard deviation over the trees: how sure the share is.</param>
public sealed record ParameterImportance(IReadOnlyList<string> Parameters, double Share, double Deviation)
{
    /// <summary>The names and the share, for people.</summary>
    public override string ToString() => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{string.Join(" × ", Parameters)}: {Share:P1} ± {Deviation:P1}");
}
