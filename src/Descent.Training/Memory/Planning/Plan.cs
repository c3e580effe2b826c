using Descent.Training.Configuration;

namespace Descent.Training.Memory;

/// <summary>Plans: what a training takes before it begins.</summary>
public static class Plan
{
    /// <summary>Memory options that let a <see cref="Trainer"/> choose its settings under a budget when it is made.</summary>
    /// <param name="budget">The most that the process may take, such as <c>4GiB</c>.</param>
    /// <param name="allowRounding">Whether states and parameters may be stored in fewer bits, which rounds. Default: no; then the results are those without a plan.</param>
    /// <param name="folder">A folder that parameters and states may be put into. Default: none.</param>
    /// <exception cref="ArgumentException">The budget is no amount of memory.</exception>
    /// <example><code>
    /// using var trainer = new Trainer(new ModuleModel(module), data, batchSize: 64, new TrainingOptions { Memory = Plan.Within("4GiB") });
    /// </code></example>
    public static MemoryOptions Within(string budget, bool allowRounding = false, string? folder = null) =>
        new() { Budget = budget, AllowRounding = allowRounding, Folder = folder };

    /// <summary>Predicts every setting that a run may take.</summary>
    /// <param name="configuration">The run; its <c>memory.budget</c> decides what is chosen.</param>
    /// <param name="progress">Is told what is measured.</param>
    /// <exception cref="BadInputException">The run can't be built, or this system doesn't measure memory.</exception>
    public static MemoryPlan Of(RunConfiguration configuration, IProgress<string>? progress = null)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        return Planner.Of(configuration, configuration.OpenData(progress), progress);
    }
}
