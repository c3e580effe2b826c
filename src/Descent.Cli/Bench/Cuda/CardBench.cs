using Descent.Gpu;
using Descent.Optimizers;
using Descent.Torch;
using Descent.Training;
using TorchSharp.Modules;
using static TorchSharp.torch;
using Device = TorchSharp.torch.Device;

namespace Descent.Cli.Bench;

/// <summary>One AdamW step on a card, by everyone, over the same tensors.</summary>
internal sealed class CardBench : IDisposable
{
    private readonly Action _wait;
    private readonly Parameter[] _parameters;
    private readonly Tensor[] _gradients;
    private readonly List<IDisposable> _owned = [];
    private readonly FusedOptimizer _fused;
    private readonly FusedOptimizer _operators;
    private readonly LibTorchOptimizer _libTorchFused;
    private readonly ForeachAdamW _libTorchForeach;
    private readonly Tensor _source;
    private readonly Tensor _target;
    private readonly long _bytes;

    /// <param name="device">Where.</param>
    /// <param name="lengths">Lengths of the tensors.</param>
    /// <param name="options">A tiny rate keeps the values where they are; the work is that of any step.</param>
    public CardBench(Device device, long[] lengths, AdamWOptions options)
    {
        _wait = device.type == TorchSharp.DeviceType.CUDA ? () => cuda.synchronize() : static () => { };
        _parameters = [.. lengths.Select(length => new Parameter(empty(length, device: device).uniform_(-0.02, 0.02)))];
        _gradients = [.. lengths.Select(length => empty(length, device: device).uniform_(-0.01, 0.01))];
        foreach (var (parameter, gradient) in _parameters.Zip(_gradients))
        {
            parameter.grad = gradient;
        }

        _bytes = 7 * lengths.Sum() * sizeof(float); // p, g, m and v are read, p, m and v written
        (string, Parameter)[] named = [.. _parameters.Select((parameter, index) => ($"{index}", parameter))];
        _owned.Add(_fused = FusedOptimizer.Create(named, options));
        _owned.Add(_operators = FusedOptimizer.Create(named, options));
        _owned.Add(_libTorchFused = LibTorchOptimizer.TryCreate(options, [.. _parameters])!);
        _owned.Add(_libTorchForeach = new ForeachAdamW(options, [.. _parameters], step: 10));
        _owned.Add(_source = empty(_bytes / 2 / sizeof(float), device: device).uniform_(-1, 1));
        _owned.Add(_target = empty_like(_source));
    }

    /// <summary>Everyone's step over GPT-2 small's parameters, and over 2,000 tensors of 100 elements, on the first card.</summary>
    /// <exception cref="BadInputException">There is no card, or no libtorch for one.</exception>
    public static CardTimings OnTheFirstCard(int rounds)
    {
        if (GpuKernels.Missing() is { } missing)
        {
            throw new BadInputException($"bench step --device cuda needs an NVIDIA card: {missing}. Without one, leave --device out to measure this machine's processor.");
        }

        return new CardTimings(Compare(ParameterShapes.Gpt2Small(), repeats: 10), Compare(ParameterShapes.ManyTiny(), repeats: 3));

        CardComparison Compare(TensorSlot[] shapes, int repeats)
        {
            using var bench = new CardBench(CUDA, [.. shapes.Select(static slot => slot.Length)], new AdamWOptions { LearningRate = 1e-6 });
            return bench.Measure(rounds, repeats);
        }
    }

    /// <summary>All of them in turn.</summary>
    /// <param name="rounds">Measured rounds.</param>
    /// <param name="repeats">Steps in a row: all of them only begin on the host, and are timed until the card has done them, so that the wait should be a small part.</param>
    public CardComparison Measure(int rounds, int repeats)
    {
        IReadOnlyList<StepTiming> timings = Interleaved.Measure(
            [
                Case("copy", () => _target.copy_(_source)),
                Case("descent, fused", StepFused),
                Case("descent, libtorch's operators", StepThroughOperators),
                Case("libtorch, _fused_adamw_", () => _libTorchFused.Step(_gradients)),
                Case("libtorch, _foreach_", () => _libTorchForeach.Step(_gradients)),
            ],
            rounds,
            repeats);
        return new CardComparison(timings[0], timings[1], timings[2], timings[3], timings[4]);
    }

    public void Dispose()
    {
        foreach (IDisposable owned in _owned.Concat(_parameters).Concat(_gradients))
        {
            owned.Dispose();
        }
    }

    private StepCase Case(string name, Action run) => new(name, _bytes, run, _wait);

    private void StepFused()
    {
        GpuKernels.Register();
        _fused.step();
        GpuKernels.Unregister();
    }

    private void StepThroughOperators() => _operators.step();
}
