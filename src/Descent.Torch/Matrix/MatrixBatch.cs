using Descent.Optimizers;
using TorchSharp;
using static TorchSharp.torch;

namespace Descent.Torch;

/// <summary>Runs one rule over matrices of equal shape: front pass, products, last pass.</summary>
internal sealed class MatrixBatch(MatrixOptions options)
{
    /// <summary>
    /// Elements of a batch at most: 64 MiB of floats, which bounds the memory of a step whatever the model's size, and is enough for full speed.
    /// </summary>
    public const long MostElements = 16 << 20;

    /// <summary>From this size on a matrix fills the machine by itself, and joining its states with others' would only copy them.</summary>
    private const long LargeMatrix = 256 * 256;

    private readonly MatrixRule _rule = options.CreateRule();
    private readonly UpdateKernel _last = MatrixRule.CreateLast();
    private readonly bool _joinsStates = options.States.Any(static state => !state.InFront);
    private UpdateKernel? _front;
    private TensorSlot[] _slots = [];

    /// <summary>How many of these matrices go into one batch.</summary>
    public int Limit(long rows, long columns, DeviceType device) =>
        _joinsStates && device == DeviceType.CPU && rows * columns >= LargeMatrix ? 1 : (int)Math.Max(1, MostElements / (rows * columns));

    /// <summary>One step. Runs inside the caller's dispose scope.</summary>
    public void Step(TensorProvider provider, IReadOnlyList<MatrixView> views, StepScalars scalars)
    {
        if (!_rule.Moves(scalars.Step))
        {
            scalars = scalars with { WeightDecay = 0 };
        }

        Tensor prepared = empty(
            [views.Count, views[0].Parameter.size(0), views[0].Parameter.size(1)], views[0].Parameter.dtype, views[0].Parameter.device);
        Front(provider, views, prepared, scalars);
        Tensor?[] states = Join(views);
        MatrixMove<Tensor> move = _rule.Move(provider, new MatrixStep<Tensor>
        {
            Gradient = prepared,
            States = states,
            Scalars = scalars,
            Names = [.. views.Select(static view => view.Name)],
        });
        Part(views, states);
        if (move.Direction is { } direction)
        {
            Last(provider, views, direction.contiguous(), new StepScalars { LearningRate = scalars.LearningRate, GradientScale = move.Factor });
        }
    }

    private void Front(TensorProvider provider, IReadOnlyList<MatrixView> views, Tensor prepared, in StepScalars scalars)
    {
        _front ??= _rule.CreateFront(options);
        Array.Resize(ref _slots, Math.Max(_slots.Length, views.Count));
        bool served = true;
        for (int i = 0; i < views.Count && served; i++)
        {
            served = views[i].TryFront(prepared[i], out _slots[i]);
        }

        if (served)
        {
            Run(_front, provider, views, scalars);
            return;
        }

        for (int i = 0; i < views.Count; i++)
        {
            MatrixView view = views[i];
            provider.Pass(_front, scalars.For(view.Owner), view.Parameter, view.Gradient, [.. view.Front, prepared[i]]);
        }
    }

    private void Last(TensorProvider provider, IReadOnlyList<MatrixView> views, Tensor direction, in StepScalars scalars)
    {
        bool served = true;
        for (int i = 0; i < views.Count && served; i++)
        {
            served = views[i].TryLast(direction[i], out _slots[i]);
        }

        if (served)
        {
            Run(_last, provider, views, scalars);
            GC.KeepAlive(direction);
            return;
        }

        for (int i = 0; i < views.Count; i++)
        {
            provider.Pass(_last, scalars, views[i].Parameter, direction[i]);
        }
    }

    private void Run(UpdateKernel kernel, TensorProvider provider, IReadOnlyList<MatrixView> views, in StepScalars scalars)
    {
        ElementType type = views[0].Parameter.dtype == ScalarType.Float32 ? ElementType.Float32 : ElementType.Float64;
        kernel.Update(_slots.AsSpan(0, views.Count), type, scalars, provider.Threads);
        GC.KeepAlive(views);
    }

    // A single matrix's states are used where they lie.
    private static Tensor?[] Join(IReadOnlyList<MatrixView> views) =>
    [
        .. Enumerable.Range(0, views[0].States.Length).Select(number =>
            views[0].States[number] is not { } first ? null
            : views.Count == 1 ? first.unsqueeze(0)
            : stack(views.Select(view => view.States[number]!))),
    ];

    private static void Part(IReadOnlyList<MatrixView> views, Tensor?[] states)
    {
        for (int number = 0; number < states.Length && views.Count > 1; number++)
        {
            for (int i = 0; i < views.Count && states[number] is not null; i++)
            {
                views[i].States[number]!.copy_(states[number]![i]);
            }
        }
    }
}
