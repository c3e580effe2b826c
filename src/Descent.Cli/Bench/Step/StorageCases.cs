using System.Runtime.InteropServices;
using Descent.Optimizers;

namespace Descent.Cli.Bench;

/// <summary>AdamW over the same parameters with its states encoded, and over bfloat16 parameters: what moving fewer bytes gains.</summary>
internal sealed unsafe class StorageCases : IDisposable
{
    private const string Reference = "adamw";
    private const int States = 2;

    private static readonly (string Name, StateFormat Format, ElementType Parameter)[] Kinds =
    [
        ("adamw, bfloat16 states", StateFormat.Bfloat16, ElementType.Float32),
        ("adamw, int8 states", StateFormat.Int8, ElementType.Float32),
        ("adamw, int4 states", StateFormat.Int4, ElementType.Float32),
        ("adamw, bfloat16 parameters", StateFormat.Float32, ElementType.Bfloat16),
        ("adamw, bfloat16 parameters, int8 states", StateFormat.Int8, ElementType.Bfloat16),
    ];

    private readonly List<nint> _blocks = [];

    /// <param name="buffers">Parameters and gradients.</param>
    /// <param name="runner">Threads.</param>
    /// <param name="reference">A step of the same rule with everything in float.</param>
    public StorageCases(StepBuffers buffers, IParallelRunner runner, Action reference)
    {
        void* halves = null;
        void* halfGradients = null;
        Cases = [.. Kinds.Select(kind =>
        {
            if (kind.Parameter == ElementType.Bfloat16 && halves == null)
            {
                halves = Halves(buffers.Stream(0), buffers.Length);
                halfGradients = Halves(buffers.Stream(1), buffers.Length);
            }

            return Case(kind.Name, kind.Format, kind.Parameter, buffers, halves, halfGradients, runner) with { Beside = reference };
        })];
    }

    public IReadOnlyList<StepCase> Cases { get; }

    /// <summary>Adds the bytes of state a parameter, and the time as a multiple of that with states and parameters in float.</summary>
    public static StepTiming Describe(StepTiming timing)
    {
        var (_, format, _) = Kinds.FirstOrDefault(kind => kind.Name == timing.Name);
        return timing.Name == Reference || Kinds.Any(kind => kind.Name == timing.Name)
            ? timing with
            {
                StateBytes = States * StateCodec.Of(format).BytesPerElement,
                OfFloat32 = timing.Name == Reference ? 1 : timing.OfBeside,
            }
            : timing;
    }

    public void Dispose()
    {
        foreach (nint block in _blocks)
        {
            NativeMemory.AlignedFree((void*)block);
        }
    }

    private StepCase Case(
        string name, StateFormat format, ElementType type, StepBuffers buffers, void* halves, void* halfGradients, IParallelRunner runner)
    {
        StateCodec codec = StateCodec.Of(format);
        AdamWOptions options = new();
        bool half = type == ElementType.Bfloat16;
        int size = half ? sizeof(ushort) : sizeof(float);
        float* p = buffers.Stream(0), g = buffers.Stream(1);
        byte* codes0 = Allocate(Total(codec.CodeBytes)), codes1 = Allocate(Total(codec.CodeBytes));
        float* scales0 = (float*)Allocate(Total(codec.Scales) * sizeof(float)), scales1 = (float*)Allocate(Total(codec.Scales) * sizeof(float));
        TensorSlot[] slots = new TensorSlot[buffers.Slots.Length];
        long bytes = 0, codes = 0, scales = 0;
        for (int tensor = 0; tensor < slots.Length; tensor++)
        {
            TensorSlot plain = buffers.Slots[tensor];
            long start = (float*)plain.Parameter - p;
            slots[tensor] = new TensorSlot
            {
                Parameter = half ? (ushort*)halves + start : p + start,
                Gradient = half ? (ushort*)halfGradients + start : g + start,
                State0 = codes0 + codes,
                State1 = codes1 + codes,
                Scales0 = scales0 + scales,
                Scales1 = scales1 + scales,
                Format = format,
                Length = plain.Length,
                Key = (ulong)tensor,
            };
            codes += codec.CodeBytes(plain.Length);
            scales += codec.Scales(plain.Length);
            bytes += (3 * size * plain.Length) + (2 * States * (codec.CodeBytes(plain.Length) + (codec.Scales(plain.Length) * sizeof(float))));
        }

        UpdateKernel kernel = options.CreateKernel();
        StepScalars scalars = options.Scalars(step: 10) with { LearningRate = 1e-6 };
        return new StepCase(name, bytes, () => kernel.Update(slots, type, scalars, runner));

        long Total(Func<long, long> size) => buffers.Slots.Sum(slot => size(slot.Length));
    }

    private void* Halves(float* values, long length)
    {
        ushort* halves = (ushort*)Allocate(length * sizeof(ushort));
        for (long index = 0; index < length; index++)
        {
            halves[index] = (ushort)(BitConverter.SingleToUInt32Bits(values[index]) >> 16);
        }

        return halves;
    }

    private byte* Allocate(long bytes)
    {
        byte* block = (byte*)NativeMemory.AlignedAlloc((nuint)bytes + 4096, 4096);
        NativeMemory.Clear(block, (nuint)bytes + 4096);
        _blocks.Add((nint)block);
        return block;
    }
}
