using Descent.Optimizers;
using Descent.Torch;
using Descent.Training;
using Descent.Training.Configuration;
using Descent.Training.Data;
using Descent.Training.Models;

namespace Descent.Cli.Comparing;

/// <summary>Which optimizers can train a model, and which are worth comparing where nobody names them.</summary>
/// <param name="run">The run, whatever its optimizer.</param>
/// <param name="data">Its data.</param>
/// <param name="model">Its model.</param>
/// <param name="workers">Runs at once, which share the memory.</param>
internal sealed class OptimizerFit(RunConfiguration run, DataSplit data, Model model, int workers)
{
    /// <summary>Why an optimizer can't train the model; none: it can.</summary>
    /// <param name="options">Its run.</param>
    public string? WhyNot(TrainingOptions options)
    {
        try
        {
            Routing routing = Routes.Of(model, options);
            if (options.Optimizer.MatricesOnly && routing.Table.All(row => row.Rule != options.Optimizer.Kind))
            {
                return "it updates hidden matrices only, and the model has none";
            }

            // Weights and gradients besides; what else a run needs, the run's own plan sees to.
            long states = routing.Table.Sum(static row => row.StateBytes);
            long least = states + (2 * model.parameters().Sum(static parameter => parameter.numel() * parameter.element_size()));
            long budget = options.Memory.BudgetBytes ?? Available() / workers;
            return least > budget
                ? $"weights, gradients and its states ({Figures.Bytes(states)}) take {Figures.Bytes(least)}, more than the {Figures.Bytes(budget)} that {(options.Memory.BudgetBytes is null ? "are free" : "memory.budget allows")}"
                : null;
        }
        catch (BadInputException exception)
        {
            return exception.Message;
        }
    }

    /// <summary>Why an optimizer that could train the model isn't compared unless it is named; none: it is.</summary>
    public string? WhyLeftOut(string name)
    {
        TuningAdvice advice = TuningAdviceCatalog.Of(name);
        long window = (long)run.Data.BatchSize * run.Training.Gradients.Accumulate;
        return advice.SameAs is { } same ? $"the same rule as {same}"
            : advice.FullBatch && window < data.Training.Count ? $"for full batches, and a step sees {window} of {data.Training.Count} samples"
            : advice.IsContrib ? "its place is not settled yet"
            : null;
    }

    private static long Available() => OperatingSystem.IsLinux() ? ProcFile.Bytes("/proc/meminfo", "MemAvailable")[0] : GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
}
