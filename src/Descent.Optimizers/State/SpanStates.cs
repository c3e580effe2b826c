using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Descent.Optimizers;

/// <summary>The encoded states of a <see cref="SpanOptimizer{T}"/>: one set of codes and scales a parameter, in pinned arrays.</summary>
internal sealed unsafe class SpanStates
{
    /// <summary>Smaller parameters keep their states in full precision.</summary>
    private const int LeastEncoded = 4096;

    private readonly OptimizerOptions _options;
    private readonly (string Name, int Start, int Length)[] _parameters;
    private readonly byte[][] _codes;
    private readonly float[][] _scales;
    private readonly TensorSlot[] _slots;

    public SpanStates(OptimizerOptions options, (string Name, int Start, int Length)[] parameters)
    {
        (_options, _parameters) = (options, parameters);
        int states = options.State.Count;
        _codes = new byte[parameters.Length * states][];
        _scales = new float[parameters.Length * states][];
        _slots = new TensorSlot[parameters.Length];
        for (int parameter = 0; parameter < parameters.Length; parameter++)
        {
            for (int state = 0; state < states; state++)
            {
                StateCodec codec = CodecOf(parameter);
                int length = parameters[parameter].Length, index = (parameter * states) + state;
                _codes[index] = GC.AllocateArray<byte>(checked((int)codec.CodeBytes(length)), pinned: true);
                _scales[index] = GC.AllocateArray<float>((int)codec.Scales(length), pinned: true);
                float[] values = new float[length];
                Array.Fill(values, (float)options.State[state].InitialValue);
                Encode(parameter, state, values);
            }
        }
    }

    /// <summary>The parameters as slots, for buffers that stay where they are until the step is done.</summary>
    public ReadOnlySpan<TensorSlot> Slots(float* parameters, float* gradients)
    {
        for (int parameter = 0; parameter < _slots.Length; parameter++)
        {
            (string name, int start, int length) = _parameters[parameter];
            _slots[parameter] = new TensorSlot
            {
                Parameter = parameters + start,
                Gradient = gradients + start,
                Length = length,
                Format = CodecOf(parameter).Format,
                State0 = Codes(parameter, 0),
                State1 = Codes(parameter, 1),
                State2 = Codes(parameter, 2),
                State3 = Codes(parameter, 3),
                Scales0 = Scales(parameter, 0),
                Scales1 = Scales(parameter, 1),
                Scales2 = Scales(parameter, 2),
                Scales3 = Scales(parameter, 3),
                Key = _slots[parameter].Key != 0 ? _slots[parameter].Key : TensorSlot.KeyOf(name),
            };
        }

        return _slots;
    }

    /// <summary>Decodes a state of all parameters.</summary>
    public void Read(int state, Span<float> values)
    {
        for (int parameter = 0; parameter < _parameters.Length; parameter++)
        {
            (_, int start, int length) = _parameters[parameter];
            int index = (parameter * _options.State.Count) + state;
            CodecOf(parameter).Decode(_codes[index], _scales[index], values.Slice(start, length), _options.State[state].NonNegative);
        }
    }

    /// <summary>Encodes a state of all parameters.</summary>
    public void Write(int state, ReadOnlySpan<float> values)
    {
        for (int parameter = 0; parameter < _parameters.Length; parameter++)
        {
            Encode(parameter, state, values.Slice(_parameters[parameter].Start, _parameters[parameter].Length));
        }
    }

    private StateCodec CodecOf(int parameter) =>
        StateCodec.Of(_parameters[parameter].Length < LeastEncoded ? StateFormat.Float32 : _options.StateFormat);

    private void Encode(int parameter, int state, ReadOnlySpan<float> values)
    {
        int index = (parameter * _options.State.Count) + state;
        CodecOf(parameter).Encode(values, _codes[index], _scales[index], _options.State[state].NonNegative);
    }

    private void* Codes(int parameter, int state) => state < _options.State.Count
        ? Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_codes[(parameter * _options.State.Count) + state]))
        : null;

    private float* Scales(int parameter, int state) => state < _options.State.Count
        ? (float*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_scales[(parameter * _options.State.Count) + state]))
        : null;
}
