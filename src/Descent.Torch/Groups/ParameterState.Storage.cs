using System.Runtime.InteropServices;
using Descent.Optimizers;
using TorchSharp;
using static TorchSharp.torch;

namespace Descent.Torch;

// How the states of a parameter are stored.
internal sealed unsafe partial class ParameterState
{
    /// <summary>Smaller tensors keep their states in full precision: they weigh nothing, and norms and biases are sensitive.</summary>
    private const long LeastEncoded = 4096;

    private readonly float*[] _scaleAddresses = new float*[4];
    private Tensor?[] _scales = [];
    private StateFormat _format;
    private ulong? _key;

    /// <summary>The format that the parameter's group asks for.</summary>
    public StateFormat RequestedFormat
    {
        get;
        set
        {
            field = value;
            if (_declared is not null)
            {
                Store(FormatFor(_declared));
            }
        }
    }

    /// <summary>The format that its states have.</summary>
    public StateFormat Format => _format;

    /// <summary>The file that its states are made in; null for memory.</summary>
    public MappedArena? Storage { get; set; }

    /// <summary>What its stochastic rounding draws by: its name.</summary>
    public ulong Key => _key ??= TensorSlot.KeyOf(Name);

    // Slow means would stand still in bfloat16.
    private ScalarType PlainType => _parameter.dtype == ScalarType.BFloat16 ? ScalarType.Float32 : _parameter.dtype;

    /// <summary>A state's values, in a new tensor of float or of the plain state's type.</summary>
    public Tensor Read(int index) => Read(index, _declared![index].NonNegative);

    private Tensor Read(int index, bool nonNegative)
    {
        if (!StateCodec.Of(_format).HasScales)
        {
            return _tensors[index].to(_format == StateFormat.Float32 ? _tensors[index].dtype : ScalarType.Float32, copy: true);
        }

        Tensor values = empty(ShapeOf(_declared![index]), ScalarType.Float32);
        StateCodec.Of(_format).Decode(
            Bytes(_tensors[index]), Floats(_scales[index]!), Floats(values), nonNegative);
        return values;
    }

    /// <summary>Overwrites a state's values, each rounded to the nearest that its format has.</summary>
    public void Write(int index, Tensor values)
    {
        using var noGrad = no_grad();
        if (!StateCodec.Of(_format).HasScales)
        {
            _tensors[index].copy_(values);
            MappedArena.Release(_tensors[index]);
            return;
        }

        using Tensor flat = values.detach().to(ScalarType.Float32, CPU, copy: true).contiguous();
        StateCodec.Of(_format).Encode(Floats(flat), Bytes(_tensors[index]), Floats(_scales[index]!), _declared![index].NonNegative);
        Release(index);
    }

    /// <summary>Overwrites a state with codes of its own format, as they are.</summary>
    public void WriteEncoded(int index, Tensor codes, Tensor scales)
    {
        using var noGrad = no_grad();
        _tensors[index].copy_(codes);
        _scales[index]!.copy_(scales);
        Release(index);
    }

    private void Release(int index)
    {
        MappedArena.Release(_tensors[index]);
        MappedArena.Release(_scales[index]!);
    }

    private Tensor NewTensor(long[] shape, ScalarType type) =>
        Storage is { } arena && _parameter.device_type == DeviceType.CPU ? arena.Allocate(shape, type) : Owned(empty(shape, type, _parameter.device));

    private Tensor NewTensor(long[] shape, ScalarType type, double value)
    {
        Tensor tensor = NewTensor(shape, type);
        using var noGrad = no_grad();

        // A mapped tensor is zero, and no page of it has to be there for that.
        return value == 0 && MappedArena.Holds(tensor) ? tensor : tensor.fill_(value);
    }

    /// <summary>The state's number.</summary>
    /// <exception cref="ArgumentException">The rule has no such state.</exception>
    public int IndexOf(string state) => Find(state) ?? throw new ArgumentException(
        $"'{Name}' has no state '{state}'; its rule keeps: {string.Join(", ", (_declared ?? []).Select(declared => declared.Name).DefaultIfEmpty("none"))}.", nameof(state));

    /// <summary>The state's number; null where there is none of that name, before the first step for one.</summary>
    public int? Find(string state)
    {
        for (int i = 0; i < _tensors.Length; i++)
        {
            if (_declared![i].Name == state)
            {
                return i;
            }
        }

        return null;
    }

    /// <summary>The states that are encoded in blocks: name, shape and sign.</summary>
    public IEnumerable<(string State, long[] Shape, bool NonNegative)> Encoded => StateCodec.Of(_format).HasScales
        ? _declared!.Select(state => (state.Name, ShapeOf(state), state.NonNegative))
        : [];

    private float* ScaleAddress(int index) => index < _scales.Length ? _scaleAddresses[index] : null;

    private static Span<byte> Bytes(Tensor tensor) => tensor.bytes;

    private static Span<float> Floats(Tensor tensor) => tensor.numel() == 0 ? [] : MemoryMarshal.Cast<byte, float>(tensor.bytes);

    private IEnumerable<(string Name, Tensor Value)> Entries(string state, int index)
    {
        if (_scales[index] is not { } scales)
        {
            yield return (state, _tensors[index]);
            yield break;
        }

        yield return (EncodedName.Codes(state, _format), _tensors[index]);
        yield return (EncodedName.Scales(state, _format), scales);
    }

    /// <summary>What states of a rule would take, in bytes, scales included: as they are stored here when a format is asked for.</summary>
    public long BytesOf(IReadOnlyList<StateTensor> declared, StateFormat asked)
    {
        StateFormat format = FormatFor(declared, asked);
        var codec = StateCodec.Of(format);
        long elements = declared.Sum(state => Product(ShapeOf(state)));
        return format == StateFormat.Float32
            ? elements * (PlainType == ScalarType.Float32 ? sizeof(float) : _parameter.element_size())
            : declared.Count * (codec.CodeBytes(_parameter.numel()) + (codec.Scales(_parameter.numel()) * sizeof(float)));
    }

    // An empty shape stands for a state that this parameter doesn't have.
    private static long Product(long[] shape) => shape.Length == 0 ? 0 : shape.Aggregate(1L, static (product, extent) => product * extent);

    private StateFormat FormatFor(IReadOnlyList<StateTensor> declared) => FormatFor(declared, RequestedFormat);

    private StateFormat FormatFor(IReadOnlyList<StateTensor> declared, StateFormat asked) =>
        _parameter.dtype is ScalarType.Float32 or ScalarType.BFloat16
        && _parameter.device_type == DeviceType.CPU
        && _parameter.numel() >= LeastEncoded
        && Role != ParameterRole.Embedding
        && declared.All(static state => state.Shape is null && !state.StartsAsParameter)
            ? asked
            : StateFormat.Float32;

    private (Tensor Codes, Tensor? Scales) New(StateTensor state, StateFormat format)
    {
        if (format == StateFormat.Float32)
        {
            return (Plain(state), null);
        }

        StateCodec codec = StateCodec.Of(format);
        if (!codec.HasScales)
        {
            return (NewTensor(ShapeOf(state), ScalarType.BFloat16, state.InitialValue), null);
        }

        long length = _parameter.numel();
        Tensor codes = NewTensor([codec.CodeBytes(length)], ScalarType.Byte), scales = NewTensor([codec.Scales(length)], ScalarType.Float32);
        using Tensor values = full(length, state.InitialValue, ScalarType.Float32);
        codec.Encode(Floats(values), Bytes(codes), Floats(scales), state.NonNegative);
        return (codes, scales);
    }

    /// <summary>A state in another format; the old one is disposed.</summary>
    private (Tensor Codes, Tensor? Scales) Converted(int index, StateTensor state, StateFormat format)
    {
        using var noGrad = no_grad();
        using Tensor values = Read(index, state.NonNegative);
        _tensors[index].Dispose();
        _scales[index]?.Dispose();
        (Tensor codes, Tensor? scales) = New(state, format);
        if (scales is null)
        {
            codes.copy_(values);
        }
        else
        {
            StateCodec.Of(format).Encode(Floats(values), Bytes(codes), Floats(scales), state.NonNegative);
        }

        return (codes, scales);
    }

    private void Store(StateFormat format)
    {
        if (format == _format)
        {
            return;
        }

        for (int i = 0; i < _tensors.Length; i++)
        {
            (_tensors[i], _scales[i]) = Converted(i, _declared![i], format);
        }

        _format = format;
        FindAddresses();
    }
}
