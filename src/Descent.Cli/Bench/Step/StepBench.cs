using Descent.Optimizers;

namespace Descent.Cli.Bench;

/// <summary>One step of every rule, beside a loop that only moves the same memory.</summary>
internal static class StepBench
{
    private const int MostStates = 4;

    /// <summary>The rules measured: every one of the catalog, and the variants with states of their own.</summary>
    private static readonly (string Name, OptimizerOptions Options)[] Rules =
    [
        .. OptimizerCatalog.KernelNames
            .Where(static name => name != "gradient_descent") // the same rule as sgd
            .Select(static name => (name, OptimizerCatalog.Create(name))),
        ("rmsprop, centered", new RmsPropOptions { Centered = true }),
        ("rmsprop, momentum", new RmsPropOptions { Momentum = 0.9 }),
        ("rmsprop, centered, momentum", new RmsPropOptions { Centered = true, Momentum = 0.9 }),
        ("adamw, amsgrad", new AdamWOptions { AmsGrad = true }),
    ];

    /// <summary>GPT-2 small's parameters, 124.4 million floats: 2.5 GB of memory.</summary>
    /// <param name="rounds">Measured rounds.</param>
    public static IReadOnlyList<StepTiming> Gpt2Small(int rounds) => Measure(ParameterShapes.Gpt2Small(), rounds, repeats: 1);

    /// <summary>2,000 tensors of 100 elements, which fit the caches.</summary>
    /// <param name="rounds">Measured rounds.</param>
    public static IReadOnlyList<StepTiming> ManyTiny(int rounds) => Measure(ParameterShapes.ManyTiny(), rounds, repeats: 200);

    private static IReadOnlyList<StepTiming> Measure(TensorSlot[] tensors, int rounds, int repeats)
    {
        using StepBuffers buffers = new(tensors);
        IParallelRunner runner = WorkerPool.Shared;
        GlobalNorm norm = new();
        StepCase[] bounds = [.. Enumerable.Range(0, MostStates + 1).Select(states => Bound(states, buffers, runner))];
        using StorageCases storage = new(buffers, runner, Rule("", new AdamWOptions(), buffers, runner).Run);
        List<StepCase> cases =
        [
            .. bounds,
            .. storage.Cases,
            .. Rules.Select(rule => Rule(rule.Name, rule.Options, buffers, runner) with { Beside = bounds[WholeStates(States(rule.Options, buffers))].Run }),
        ];
        cases.Add(new StepCase(
            "global norm",
            buffers.Length * sizeof(float),
            () => norm.Compute(buffers.Slots, ElementType.Float32, runner)));
        IReadOnlyList<StepTiming> timings = Interleaved.Measure(cases, rounds, repeats);
        return
        [
            .. timings.Select(StorageCases.Describe).Select(timing => Array.Find(Rules, rule => rule.Name == timing.Name).Options is { } options
                ? timing with { OfBound = timing.OfBeside * timings[WholeStates(States(options, buffers))].Milliseconds / BoundOf(States(options, buffers), timings) }
                : timing),
        ];
    }

    private static StepCase Bound(int states, StepBuffers buffers, IParallelRunner runner)
    {
        StreamBound bound = new(buffers, states);
        return new StepCase($"memory alone, {states} states", Traffic(buffers, states), () => bound.Run(runner));
    }

    /// <summary>The time for as many states as a rule has: between two measured bounds where its states are not whole tensors.</summary>
    private static double BoundOf(double states, IReadOnlyList<StepTiming> timings)
    {
        int less = Math.Min(WholeStates(states), MostStates - 1);
        return timings[less].Milliseconds + ((states - less) * (timings[less + 1].Milliseconds - timings[less].Milliseconds));
    }

    private static double States(OptimizerOptions options, StepBuffers buffers) => (double)StateElements(options, buffers) / buffers.Elements;

    private static int WholeStates(double states) => Math.Min((int)states, MostStates);

    private static long StateElements(OptimizerOptions options, StepBuffers buffers) =>
        buffers.Slots.Sum(slot => options.State.Sum(state => state.ShapeFor(ShapeOf(slot), slot).Aggregate(1L, static (product, extent) => product * extent)));

    private static long[] ShapeOf(TensorSlot slot) => slot.Rows == 0 ? [slot.Length] : [slot.Rows, slot.Columns];

    private static StepCase Rule(string name, OptimizerOptions options, StepBuffers buffers, IParallelRunner runner)
    {
        UpdateKernel kernel = options.CreateKernel();

        // A tiny rate keeps the values where they are; the work is that of any step.
        double[] shared = [.. options.SharedState.Select(static entry => entry.InitialValue)];
        StepScalars scalars = options.Scalars(step: 10) with { LearningRate = 1e-6, Shared = shared };
        options.Advance(shared, scalars);
        return new StepCase(
            name,
            ((3 * buffers.Length) + (2 * StateElements(options, buffers))) * sizeof(float),
            () => kernel.Update(buffers.Slots, ElementType.Float32, scalars, runner));
    }

    /// <summary>Bytes that a rule must move: it reads parameter, gradient and states, and writes parameter and states.</summary>
    private static long Traffic(StepBuffers buffers, int states) => (3 + (2 * states)) * buffers.Length * sizeof(float);
}
