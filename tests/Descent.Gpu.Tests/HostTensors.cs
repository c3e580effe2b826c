using System.Runtime.InteropServices;
using Descent.Optimizers;

namespace Descent.Gpu.Tests;

/// <summary>Parameters, gradients and states of a rule, each between guards, the same numbers in every instance.</summary>
internal sealed unsafe class HostTensors : IDisposable
{
    private const int Guard = 32;
    private const float GuardValue = 1234.5f;

    private readonly OptimizerOptions _options;
    private readonly double[] _shared;
    private readonly int[] _lengths;
    private readonly int _streams;
    private readonly List<(nint Address, int Bytes)> _blocks = [];

    /// <param name="options">Says how many states there are and what they start as.</param>
    /// <param name="lengths">One for each tensor.</param>
    /// <param name="shift">Elements by which tensors with an odd number are off a multiple of 16 bytes.</param>
    public HostTensors(OptimizerOptions options, int[] lengths, int shift = 0)
    {
        (_options, _lengths, _streams) = (options, lengths, 2 + options.State.Count);
        _shared = [.. options.SharedState.Select(static entry => entry.InitialValue)];
        Slots = [.. lengths.Select((length, tensor) =>
        {
            float*[] streams = new float*[6];
            for (int stream = 0; stream < _streams; stream++)
            {
                streams[stream] = Allocate(length, tensor % 2 == 1 ? shift : 0);
                Span<float> values = new(streams[stream], length);
                for (int i = 0; i < length; i++)
                {
                    values[i] = stream >= 2 ? (float)options.State[stream - 2].InitialValue : Value(stream, tensor, i);
                }
            }

            return new TensorSlot
            {
                Parameter = streams[0],
                Gradient = streams[1],
                State0 = streams[2],
                State1 = streams[3],
                State2 = streams[4],
                State3 = streams[5],
                Length = length,
                GradientScale = tensor % 3 == 2 ? 0.7 : 1,
                Exempt = tensor % 4 == 3,
            };
        })];
    }

    public TensorSlot[] Slots { get; }

    /// <summary>All memory: a block for each stream of each tensor, at a multiple of 256 bytes.</summary>
    public IReadOnlyList<(nint Address, int Bytes)> Blocks => _blocks;

    public Span<float> Parameter(int tensor) => new(Slots[tensor].Parameter, _lengths[tensor]);

    public Span<float> Gradient(int tensor) => new(Slots[tensor].Gradient, _lengths[tensor]);

    /// <summary>Begins a step: new gradients, and what the rule shares between tensors brought forward.</summary>
    public StepScalars Begin(StepScalars scalars)
    {
        for (int tensor = 0; tensor < _lengths.Length; tensor++)
        {
            Span<float> gradient = Gradient(tensor);
            for (int i = 0; i < gradient.Length; i++)
            {
                gradient[i] = Value((int)scalars.Step + 1, tensor, i);
            }
        }

        _options.Advance(_shared, scalars);
        return scalars with { Shared = _shared };
    }

    /// <summary>Where these tensors differ from others in any bit of any stream, guards included; null where nowhere. Any NaN equals any other.</summary>
    public string? FirstDifference(HostTensors expected)
    {
        for (int tensor = 0; tensor < _lengths.Length; tensor++)
        {
            for (int stream = 0; stream < _streams; stream++)
            {
                ReadOnlySpan<float> mine = Block(tensor, stream), theirs = expected.Block(tensor, stream);
                for (int i = 0; i < mine.Length; i++)
                {
                    if (BitConverter.SingleToUInt32Bits(mine[i]) != BitConverter.SingleToUInt32Bits(theirs[i]) && !(float.IsNaN(mine[i]) && float.IsNaN(theirs[i])))
                    {
                        return $"stream {stream} of tensor {tensor} at {i - Guard} of {_lengths[tensor]} is {mine[i]:R}, expected {theirs[i]:R}";
                    }
                }
            }
        }

        return null;
    }

    public void Dispose()
    {
        foreach ((nint address, _) in _blocks)
        {
            NativeMemory.AlignedFree((void*)address);
        }
    }

    /// <summary>A value in (−1, 1) with full mantissas; zeros of both signs and subnormal numbers among them.</summary>
    private static float Value(int stream, int tensor, int index)
    {
        uint hash = ((uint)stream * 2654435761) ^ ((uint)tensor * 2246822519) ^ ((uint)index * 3266489917);
        hash = (hash ^ (hash >> 15)) * 2246822519;
        hash ^= hash >> 13;
        float unit = ((int)(hash >> 8) - (1 << 23)) / (float)(1 << 23);
        return (hash & 63) switch { 0 => 0f, 1 => -0f, 2 => unit * 1e-41f, _ => unit };
    }

    private float* Allocate(int length, int shift)
    {
        int bytes = (length + (2 * Guard) + shift) * sizeof(float);
        float* block = (float*)NativeMemory.AlignedAlloc((nuint)bytes, 256);
        _blocks.Add(((nint)block, bytes));
        new Span<float>(block, length + (2 * Guard) + shift).Fill(GuardValue);
        return block + Guard + shift;
    }

    private ReadOnlySpan<float> Block(int tensor, int stream)
    {
        TensorSlot slot = Slots[tensor];
        void* data = stream switch { 0 => slot.Parameter, 1 => slot.Gradient, 2 => slot.State0, 3 => slot.State1, 4 => slot.State2, _ => slot.State3 };
        return new((float*)data - Guard, _lengths[tensor] + (2 * Guard));
    }
}
