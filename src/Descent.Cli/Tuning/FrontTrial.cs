using Descent.Tuning;

namespace Descent.Cli.Tuning;

/// <summary>A trial on the Pareto front of a study.</summary>
/// <param name="Number">Its number.</param>
/// <param name="Values">Its results, in the order of the objectives.</param>
/// <param name="Point">Its settings.</param>
/// <param name="Run">Its run's folder, as the machine that trained it calls it.</param>
internal sealed record FrontTrial(int Number, IReadOnlyList<double> Values, Configuration Point, string? Run);
