namespace Descent.Optimizers;

/// <summary>Every schedule by name: an explicit list, one line each.</summary>
public static class ScheduleCatalog
{
    private static readonly (string Name, Func<Schedule> Create)[] Entries =
    [
        ("constant", static () => new ConstantSchedule()),
        ("step", static () => new StepSchedule()),
        ("multi_step", static () => new MultiStepSchedule()),
        ("exponential", static () => new ExponentialSchedule()),
        ("polynomial", static () => new PolynomialSchedule()),
        ("cosine", static () => new CosineSchedule()),
        ("one_cycle", static () => new OneCycleSchedule()),
        ("warmup_stable_decay", static () => new WarmupStableDecaySchedule()),
        ("reduce_on_plateau", static () => new ReduceOnPlateauSchedule()),
    ];

    /// <summary>The names, simplest schedule first.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Entries.Select(static entry => entry.Name)];

    /// <summary>A schedule with default settings.</summary>
    /// <param name="name">A name of <see cref="Names"/>.</param>
    /// <exception cref="ArgumentException">There is no such schedule; the message names the nearest one.</exception>
    public static Schedule Create(string name) =>
        Entries.FirstOrDefault(entry => entry.Name == name).Create?.Invoke() ?? throw NearestName.Unknown("schedule", name, Names);
}
