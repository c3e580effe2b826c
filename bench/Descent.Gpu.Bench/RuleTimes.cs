using System.Runtime.InteropServices;
using Descent.Cli.Bench;
using Descent.Optimizers;

namespace Descent.Gpu.Bench;

/// <summary>A step of every rule on the card, in turns with a copy of as many bytes.</summary>
internal sealed unsafe class RuleTimes : IDisposable
{
    private const int MostStates = 4;
    private const int Alignment = 512; // of libtorch's blocks on a card

    private readonly Card _card;
    private readonly TensorSlot[] _shapes;
    private readonly SafeHandle[] _streams = new SafeHandle[2 + MostStates];
    private readonly long _streamBytes;
    private readonly SafeHandle _source;
    private readonly SafeHandle _target;

    public RuleTimes(Card card, TensorSlot[] shapes)
    {
        (_card, _shapes) = (card, shapes);
        _streamBytes = shapes.Sum(static shape => Padded(shape.Length));
        for (int stream = 0; stream < _streams.Length; stream++)
        {
            _streams[stream] = card.Allocate(_streamBytes);
        }

        _source = card.Allocate(BytesOf(MostStates) / 2);
        _target = card.Allocate(BytesOf(MostStates) / 2);
        _card.Fill(Address(_source), BytesOf(MostStates) / 2 / sizeof(float), 0.5f);
        Scatter(0, 0.02f);
        Scatter(1, 0.01f);
    }

    /// <summary>Elements of all tensors.</summary>
    public long Elements => _shapes.Sum(static shape => shape.Length);

    /// <summary>Times a rule and its copy.</summary>
    public (Timing Rule, Timing Copy) Measure(string name, OptimizerOptions options, int rounds)
    {
        int states = options.State.Count;
        for (int state = 0; state < states; state++)
        {
            _card.Fill(Address(_streams[2 + state]), _streamBytes / sizeof(float), (float)options.State[state].InitialValue);
        }

        TensorSlot[] slots = Slots(states);
        double[] shared = [.. options.SharedState.Select(static entry => entry.InitialValue)];
        var kernel = new RuleKernel(options.CreateKernel(), _card.Launcher);
        long bytes = BytesOf(states), step = 0;
        double[][] times = _card.Time([Copy, Step], rounds);
        Timing copy = Timing.Of($"copy, {states} states", states, bytes, times[0], 0);
        return (Timing.Of(name, states, bytes, times[1], copy.Milliseconds), copy);

        void Copy() => _card.Copy(Address(_target), Address(_source), bytes / 2);

        void Step()
        {
            StepScalars scalars = options.Scalars(++step);
            options.Advance(shared, scalars);
            kernel.Update(slots, scalars with { Shared = shared }, 0);
        }
    }

    public void Dispose()
    {
        foreach (SafeHandle memory in _streams.Append(_source).Append(_target))
        {
            memory.Dispose();
        }
    }

    /// <summary>Parameter, gradient and states are read; parameter and states are written.</summary>
    private long BytesOf(int states) => (3 + (2 * states)) * Elements * sizeof(float);

    private static long Padded(long elements) => ((elements * sizeof(float)) + Alignment - 1) / Alignment * Alignment;

    private static nint Address(SafeHandle memory) => memory.DangerousGetHandle();

    private TensorSlot[] Slots(int states)
    {
        long at = 0;
        var slots = new TensorSlot[_shapes.Length];
        for (int i = 0; i < slots.Length; i++)
        {
            slots[i] = _shapes[i] with
            {
                Parameter = At(0),
                Gradient = At(1),
                State0 = states > 0 ? At(2) : null,
                State1 = states > 1 ? At(3) : null,
                State2 = states > 2 ? At(4) : null,
                State3 = states > 3 ? At(5) : null,
            };
            at += Padded(_shapes[i].Length);
        }

        return slots;

        void* At(int stream) => (void*)(Address(_streams[stream]) + (nint)at);
    }

    /// <summary>Random numbers in ±scale: equal ones would toggle fewer wires.</summary>
    private void Scatter(int stream, float scale)
    {
        float[] values = new float[1 << 22];
        var random = new Random(stream + 1);
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = scale * ((2 * random.NextSingle()) - 1);
        }

        ReadOnlySpan<byte> bytes = MemoryMarshal.AsBytes(values.AsSpan());
        for (long at = 0; at < _streamBytes; at += bytes.Length)
        {
            _card.Upload(Address(_streams[stream]) + (nint)at, bytes[..(int)Math.Min(bytes.Length, _streamBytes - at)]);
        }
    }
}
