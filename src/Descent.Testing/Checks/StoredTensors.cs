using System.Runtime.InteropServices;
using Descent.Optimizers;

namespace Descent.Testing.Checks;

/// <summary>How the tensors of a check are stored.</summary>
/// <param name="States">The states.</param>
/// <param name="Parameter">The parameters: float or bfloat16.</param>
/// <param name="Gradient">The gradients: float or bfloat16.</param>
internal readonly record struct Storage(StateFormat States, ElementType Parameter = ElementType.Float32, ElementType Gradient = ElementType.Float32);

/// <summary>Parameters, gradients and encoded states in native memory, every stream between guard bytes.</summary>
internal sealed unsafe class StoredTensors : IDisposable
{
    private const int GuardBytes = 128;
    private const byte GuardByte = 0xA5;

    private readonly int[] _lengths;
    private readonly OptimizerOptions _options;
    private readonly Storage _storage;
    private readonly StateCodec _codec;
    private readonly double[] _shared;
    private readonly List<(int Tensor, string Name, nint Block, int Bytes)> _streams = [];

    public StoredTensors(OptimizerOptions options, Storage storage, int[] lengths)
    {
        (_options, _storage, _lengths, _codec) = (options, storage, lengths, StateCodec.Of(storage.States));
        _shared = [.. options.SharedState.Select(static entry => entry.InitialValue)];
        Slots = [.. lengths.Select(Slot)];
        for (int tensor = 0; tensor < lengths.Length; tensor++)
        {
            int which = tensor;
            SetElements(Slots[tensor].Parameter, storage.Parameter, lengths[tensor], index => Numbers.At(0, which, index));
            for (int state = 0; state < options.State.Count; state++)
            {
                SetState(tensor, state, [.. Enumerable.Repeat((float)options.State[state].InitialValue, lengths[tensor])]);
            }
        }
    }

    public TensorSlot[] Slots { get; }

    public void SetGradients(long step)
    {
        for (int tensor = 0; tensor < _lengths.Length; tensor++)
        {
            int which = tensor;
            SetElements(Slots[tensor].Gradient, _storage.Gradient, _lengths[tensor], index => Numbers.At((int)step + 1, which, index));
        }
    }

    public void SetGradient(int tensor, int index, float value) =>
        SetElements(Slots[tensor].Gradient, _storage.Gradient, index + 1, at => at == index ? value : Element(Slots[tensor].Gradient, _storage.Gradient, at));

    public void Run(UpdateKernel kernel, long from, long to, IParallelRunner? runner = null, double decay = 0.05)
    {
        for (long step = from; step <= to; step++)
        {
            SetGradients(step);
            Update(kernel, _options.Scalars(step) with { WeightDecay = decay, GradientScale = 0.5 }, runner);
        }
    }

    public void Update(UpdateKernel kernel, StepScalars scalars, IParallelRunner? runner = null)
    {
        _options.Advance(_shared, scalars);
        kernel.Update(Slots, _storage.Parameter, scalars with { Shared = _shared }, runner ?? SingleThread.Instance);
    }

    public float[] Parameter(int tensor) =>
        [.. Enumerable.Range(0, _lengths[tensor]).Select(index => Element(Slots[tensor].Parameter, _storage.Parameter, index))];

    public float[] State(int tensor, int state)
    {
        float[] values = new float[_lengths[tensor]];
        _codec.Decode(Codes(tensor, state), Scales(tensor, state), values, _options.State[state].NonNegative);
        return values;
    }

    public void SetState(int tensor, int state, float[] values) =>
        _codec.Encode(values, Codes(tensor, state), Scales(tensor, state), _options.State[state].NonNegative);

    /// <summary>Takes over parameters and states byte for byte, as a checkpoint would.</summary>
    public void CopyFrom(StoredTensors other)
    {
        foreach (var (mine, theirs) in _streams.Zip(other._streams))
        {
            Data(theirs).CopyTo(Data(mine));
        }

        other._shared.CopyTo(_shared, 0);
    }

    /// <summary>Throws unless parameters, codes and scales agree byte for byte.</summary>
    public void RequireSameBytes(StoredTensors expected, string context)
    {
        foreach (var (mine, theirs) in _streams.Zip(expected._streams))
        {
            int same = Data(mine).CommonPrefixLength(Data(theirs));
            if (same < mine.Bytes)
            {
                throw new ContractException(
                    $"{context}, {_storage}: the {mine.Name} of tensor {mine.Tensor} (length {_lengths[mine.Tensor]}) differs at byte {same} of {mine.Bytes}.");
            }
        }
    }

    public void RequireGuards(string context)
    {
        foreach ((int tensor, string name, nint block, int bytes) in _streams)
        {
            byte* data = (byte*)block + GuardBytes;
            if (new Span<byte>((byte*)block, GuardBytes).ContainsAnyExcept(GuardByte) || new Span<byte>(data + bytes, GuardBytes).ContainsAnyExcept(GuardByte))
            {
                throw new ContractException($"{context}, {_storage}: memory beside the {name} of tensor {tensor} (length {_lengths[tensor]}) was written.");
            }
        }
    }

    /// <summary>Fowler, Noll and Vo's FNV-1a over everything.</summary>
    public ulong Digest(ulong digest)
    {
        foreach (var stream in _streams)
        {
            foreach (byte value in Data(stream))
            {
                digest = (digest ^ value) * 1099511628211;
            }
        }

        return digest;
    }

    public void Dispose()
    {
        foreach (var stream in _streams)
        {
            NativeMemory.AlignedFree((void*)stream.Block);
        }
    }

    private static Span<byte> Data((int Tensor, string Name, nint Block, int Bytes) stream) => new((byte*)stream.Block + GuardBytes, stream.Bytes);

    private static float Element(void* stream, ElementType type, int index) => type == ElementType.Bfloat16
        ? BitConverter.UInt32BitsToSingle((uint)((ushort*)stream)[index] << 16)
        : ((float*)stream)[index];

    private static void SetElements(void* stream, ElementType type, int length, Func<int, double> value)
    {
        for (int index = 0; index < length; index++)
        {
            if (type == ElementType.Bfloat16)
            {
                ((ushort*)stream)[index] = (ushort)(BitConverter.SingleToUInt32Bits((float)value(index)) >> 16);
            }
            else
            {
                ((float*)stream)[index] = (float)value(index);
            }
        }
    }

    private static int Size(ElementType type) => type == ElementType.Bfloat16 ? sizeof(ushort) : sizeof(float);

    private Span<byte> Codes(int tensor, int state) => new(State(Slots[tensor], state).Codes, (int)_codec.CodeBytes(_lengths[tensor]));

    private Span<float> Scales(int tensor, int state) => new(State(Slots[tensor], state).Scales, (int)_codec.Scales(_lengths[tensor]));

    private static StreamPair State(in TensorSlot slot, int state) => state switch
    {
        0 => new(slot.State0, slot.Scales0),
        1 => new(slot.State1, slot.Scales1),
        2 => new(slot.State2, slot.Scales2),
        _ => new(slot.State3, slot.Scales3),
    };

    private TensorSlot Slot(int length, int tensor)
    {
        void* Stream(string name, long bytes)
        {
            byte* block = (byte*)NativeMemory.AlignedAlloc((nuint)((2 * GuardBytes) + bytes), 64);
            NativeMemory.Fill(block, (nuint)((2 * GuardBytes) + bytes), GuardByte);
            _streams.Add((tensor, name, (nint)block, (int)bytes));
            return block + GuardBytes;
        }

        StreamPair Pair(int state) => state < _options.State.Count
            ? new StreamPair(
                Stream($"codes of state {state}", _codec.CodeBytes(length)),
                (float*)Stream($"scales of state {state}", _codec.Scales(length) * sizeof(float)))
            : default;

        void* parameter = Stream("parameter", length * Size(_storage.Parameter));
        void* gradient = Stream("gradient", length * Size(_storage.Gradient));
        (StreamPair s0, StreamPair s1, StreamPair s2, StreamPair s3) = (Pair(0), Pair(1), Pair(2), Pair(3));
        return new TensorSlot
        {
            Parameter = parameter,
            Gradient = gradient,
            GradientType = _storage.Gradient == _storage.Parameter ? null : _storage.Gradient,
            Format = _storage.States,
            State0 = s0.Codes,
            State1 = s1.Codes,
            State2 = s2.Codes,
            State3 = s3.Codes,
            Scales0 = s0.Scales,
            Scales1 = s1.Scales,
            Scales2 = s2.Scales,
            Scales3 = s3.Scales,
            Length = length,
            Key = TensorSlot.KeyOf($"tensor {tensor}"),
        };
    }

    private readonly struct StreamPair(void* codes, float* scales)
    {
        public readonly void* Codes = codes;
        public readonly float* Scales = scales;
    }
}
