using Descent.Optimizers;

namespace Descent.Training.Configuration;

/// <summary>The optimizers of run files: those of <see cref="OptimizerCatalog"/>, and those that need the training loop.</summary>
public static class TrainingOptimizers
{
    private const string Lbfgs = "lbfgs";

    /// <summary>The names.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. OptimizerCatalog.Names, Lbfgs];

    /// <summary>An optimizer with default settings.</summary>
    /// <param name="name">A name of <see cref="Names"/>.</param>
    /// <exception cref="ArgumentException">There is no such optimizer; the message names the nearest one.</exception>
    public static OptimizerOptions Create(string name) => name == Lbfgs ? new LbfgsOptions() : OptimizerCatalog.Create(name);
}
