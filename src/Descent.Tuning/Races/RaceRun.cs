namespace Descent.Tuning.Races;

/// <summary>A run that a race asks for.</summary>
/// <param name="Contender">Whose.</param>
/// <param name="Configuration">With which settings.</param>
/// <param name="Seed">Where all its randomness comes from: runs of the same seed must be alike in all but the contender, so that they can be paired.</param>
/// <param name="Length">The share of a full run that it is: 1 but in a search, where runs may be shorter.</param>
/// <param name="IsSearch">Whether it searches settings; else it measures the best ones.</param>
/// <param name="Trial">
/// Reports the curve (<see cref="Trial.ReportAsync"/>): steps to the target are read off it, and the pruner looks at it in a search. Notes and folder are there as in any study.
/// </param>
public sealed record RaceRun(Contender Contender, Configuration Configuration, long Seed, double Length, bool IsSearch, Trial Trial);
