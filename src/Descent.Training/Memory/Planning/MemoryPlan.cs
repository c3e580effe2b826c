using Descent.Training.Configuration;

namespace Descent.Training.Memory;

/// <summary>Predictions of every setting that a run may take, and the one that is chosen under a budget.</summary>
public sealed record MemoryPlan
{
    /// <summary>Bytes that the process may take; null: as many as it likes.</summary>
    public long? Budget { get; init; }

    /// <summary>All predictions, the fastest first.</summary>
    public required IReadOnlyList<PlanRow> Rows { get; init; }

    /// <summary>The settings as they stand in the run file.</summary>
    public required PlanRow AsGiven { get; init; }

    /// <summary>What is chosen; null when nothing fits.</summary>
    public PlanRow? Chosen { get; init; }

    /// <summary>Why, in a sentence.</summary>
    public required string Reason { get; init; }

    /// <summary>The least memory of all predictions, those that round more included where that is allowed.</summary>
    public PlanRow Smallest => Rows.Concat([AsGiven]).MinBy(static row => row.Peak.Total)!;

    /// <summary>Those of <see cref="Rows"/> that no other beats in memory at about the same time, the fastest first.</summary>
    public IEnumerable<PlanRow> Frontier() =>
        Rows.Where(row => !Rows.Any(other => other.Peak.Total < row.Peak.Total && other.StepSeconds <= row.StepSeconds * PlanChoice.SameTime)
            && !Rows.Any(other => other.Peak.Total == row.Peak.Total && (other.StepSeconds, other.Settings.Recompute).CompareTo((row.StepSeconds, row.Settings.Recompute)) < 0));

    /// <summary>The options and the batch size that the choice means.</summary>
    /// <param name="options">The options as they were given.</param>
    /// <exception cref="BadInputException">Nothing fits the budget; the message names the least that would.</exception>
    public TrainingOptions Apply(TrainingOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (Chosen is not { Settings: { } chosen } row)
        {
            throw new BadInputException($"memory.budget: {Reason}");
        }

        return options with
        {
            Optimizer = chosen.State == options.Optimizer.StateFormat ? options.Optimizer : options.Optimizer with { StateFormat = chosen.State },
            Gradients = options.Gradients with { Accumulate = chosen.Accumulate },
            Memory = options.Memory with
            {
                Prefer = chosen.Prefer,
                Update = chosen.Update,
                Recompute = chosen.Recompute,
                Parameters = chosen.Parameters,
                Disk = chosen.Disk,
                Forecast = row,
                IsPlanned = true,
            },
        };
    }

    /// <summary>The run that the choice means.</summary>
    internal RunConfiguration Apply(RunConfiguration configuration) => configuration with
    {
        Training = Apply(configuration.Training),
        Data = configuration.Data with { BatchSize = Chosen!.Settings.BatchSize },
    };
}
