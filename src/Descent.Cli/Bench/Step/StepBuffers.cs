using System.Runtime.InteropServices;
using Descent.Optimizers;

namespace Descent.Cli.Bench;

/// <summary>Parameters, gradients and four states in native memory, each stream in one block, tensors one behind the other.</summary>
internal sealed unsafe class StepBuffers : IDisposable
{
    /// <summary>Streams: parameter, gradient, four states.</summary>
    public const int Streams = 6;

    private const int PageBytes = 4096;
    private readonly float*[] _streams = new float*[Streams];

    public StepBuffers(TensorSlot[] facts)
    {
        // Every tensor begins on a cache line, as an allocator would have it.
        Length = facts.Sum(static tensor => Padded(tensor.Length));
        for (int stream = 0; stream < Streams; stream++)
        {
            // A different offset a stream, so that streams don't fall into the same cache sets.
            float* block = (float*)NativeMemory.AlignedAlloc((nuint)(Length * sizeof(float)) + (Streams * PageBytes), PageBytes);
            _streams[stream] = block;
        }

        Slots = new TensorSlot[facts.Length];
        long start = 0;
        for (int tensor = 0; tensor < facts.Length; tensor++)
        {
            Slots[tensor] = facts[tensor] with
            {
                Parameter = Stream(0) + start,
                Gradient = Stream(1) + start,
                State0 = Stream(2) + start,
                State1 = Stream(3) + start,
                State2 = Stream(4) + start,
                State3 = Stream(5) + start,
            };
            start += Padded(facts[tensor].Length);
        }

        Reset();
    }

    /// <summary>Elements of a stream, with what fills the gaps between tensors.</summary>
    public long Length { get; }

    /// <summary>Elements of the tensors.</summary>
    public long Elements => Slots.Sum(static slot => slot.Length);

    public TensorSlot[] Slots { get; }

    public float* Stream(int index) => _streams[index] + (index * 192);

    /// <summary>Positive gradients and zero states: no rule meets a denormal number or a NaN on them.</summary>
    public void Reset()
    {
        for (int stream = 0; stream < Streams; stream++)
        {
            float* block = Stream(stream);
            for (long index = 0; index < Length; index++)
            {
                block[index] = stream switch
                {
                    0 => 0.02f * ((index & 255) - 127.5f) / 128,
                    1 => 0.01f + ((index & 1023) * 1e-5f),
                    _ => 0,
                };
            }
        }
    }

    public void Dispose()
    {
        foreach (float* stream in _streams)
        {
            NativeMemory.AlignedFree(stream);
        }
    }

    private static long Padded(long length) => (length + 15) / 16 * 16;
}
