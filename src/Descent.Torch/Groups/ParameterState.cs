using System.Runtime.InteropServices;
using Descent.Optimizers;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Descent.Torch;

/// <summary>
/// One parameter, its own step count, and its state tensors, made with its first gradient. States are of the parameter's type, beside bfloat16 of float; or
/// encoded, see ParameterState.Storage.cs. ParameterState.StateDict.cs is what TorchSharp asks of a state.
/// </summary>
internal sealed unsafe partial class ParameterState : OptimizerState
{
    private IReadOnlyList<StateTensor>? _declared; // null until a rule asked for its states
    private Tensor[] _tensors = [];
    private readonly void*[] _addresses = new void*[4];
    private readonly long[] _shape;
    private nint _served;
    private sbyte _type;

    public ParameterState(string name, Parameter parameter)
        : base(parameter)
    {
        Name = name;
        _shape = parameter.shape;
        Units = _shape.Count(static extent => extent > 1) < 2 ? 1 : _shape[0];
        (Rows, Columns) = _shape.Length < 2 ? (0, parameter.numel()) : (_shape[^2], _shape[^1]);
    }

    public string Name { get; }

    public Parameter Parameter => _parameter;

    /// <summary>Who steps it, and says which states its rule keeps.</summary>
    public GroupRunner? Runner { get; set; }

    public long Step { get; set; }

    public UpdatePath Path { get; set; }

    /// <summary>Left out of whatever is done with gradients and steps, for now.</summary>
    public bool Held { get; set; }

    /// <summary>Left alone by weight decay and penalties.</summary>
    public bool Exempt { get; init; }

    /// <summary>What the parameter does in its model; null where nobody said.</summary>
    public ParameterRole? Role { get; init; }

    /// <summary>Row counts of the matrices that are stacked into the parameter; null where it is one matrix.</summary>
    public long[]? StackedRows { get; init; }

    /// <summary>Rows of an attention head in the query and key parts; 0 where there are none.</summary>
    public long HeadRows { get; init; }

    /// <summary>What this step's gradient is multiplied by, beside the scale of all: clipping by the parameter's own norm.</summary>
    public double GradientFactor { get; set; } = 1;

    /// <summary>Output units: the size of the first dimension, 1 for a vector, one that is written as a matrix of one row or column included.</summary>
    public long Units { get; }

    /// <summary>The size of the last dimension but one; 0 where there are fewer than two.</summary>
    public long Rows { get; }

    /// <summary>The size of the last dimension.</summary>
    public long Columns { get; }

    /// <summary>What kernels are told of the parameter beside where it lies.</summary>
    public TensorSlot Facts => TensorSlot.OfShape(_shape) with
    {
        HeadRows = HeadRows,
        HeadedRows = HeadRows == 0 ? 0 : StackedRows is { Length: 3 } stacked ? stacked[0] + stacked[1] : _shape[0],
        Table = Role is ParameterRole.Embedding or ParameterRole.Head,
    };

    /// <summary>The tensors that exist, with their names; two for a state that is encoded in blocks.</summary>
    public IEnumerable<(string State, Tensor Value)> Tensors => _tensors.SelectMany((tensor, index) => Entries(_declared![index].Name, index));

    public Tensor this[int index] => _tensors[index];

    /// <summary>Another number whenever a state is in another place or a rule has other states; never 0 once there are any.</summary>
    public int Version { get; private set; }

    /// <summary>Whether the states are those that a rule declares: the same object.</summary>
    public bool Keeps(IReadOnlyList<StateTensor> declared) => ReferenceEquals(declared, _declared);

    /// <summary>Sees to it that nobody disposed a state.</summary>
    /// <exception cref="InvalidOperationException">Someone did.</exception>
    public void RequireStates()
    {
        for (int i = 0; i < _tensors.Length; i++)
        {
            if (_tensors[i].IsInvalid || (_scales[i]?.IsInvalid ?? false))
            {
                throw new InvalidOperationException(
                    $"State '{_declared![i].Name}' of '{Name}' was disposed. What States lists is the optimizer's own: look at it or copy it, and leave disposing to the optimizer.");
            }
        }
    }

    /// <summary>Everything that kernels need to know but where parameter and gradient lie; false when they don't serve a state.</summary>
    public bool TryDescribe(out TensorSlot slot)
    {
        slot = default;
        for (int i = 0; i < _tensors.Length; i++)
        {
            if (_addresses[i] == null && _tensors[i].numel() > 0)
            {
                return false;
            }
        }

        slot = Facts with
        {
            State0 = Address(0),
            State1 = Address(1),
            State2 = Address(2),
            State3 = Address(3),
            Format = _format,
            Scales0 = ScaleAddress(0),
            Scales1 = ScaleAddress(1),
            Scales2 = ScaleAddress(2),
            Scales3 = ScaleAddress(3),
            Key = Key,
            Exempt = Exempt,
        };
        return true;
    }

    private void* Address(int index) => index < _tensors.Length ? _addresses[index] : null;

    /// <summary>The parameter's elements as they lie now, if they are of float or double and kernels serve them.</summary>
    public bool TryRead(out FlatTensor flat) => TryReadStored(out flat) && flat.Type != TensorExports.Bfloat16;

    /// <summary>The parameter's elements as they lie now, bfloat16 included. What a tensor can't change about itself is asked once.</summary>
    public bool TryReadStored(out FlatTensor flat)
    {
        nint handle = _parameter.Handle;
        nint tensor = Marshal.ReadIntPtr(handle); // the implementation that the handle points to
        if (tensor == _served)
        {
            flat = new FlatTensor(TensorExports.Data(handle), TensorExports.Length(handle), _type);
            return TensorExports.IsContiguous(handle) != 0 && (flat.Data != null || flat.Length == 0);
        }

        if (!TensorExports.TryReadStored(handle, out flat) || flat.Type is not (TensorExports.Float32 or TensorExports.Float64 or TensorExports.Bfloat16))
        {
            return false;
        }

        (_served, _type) = (tensor, flat.Type);
        return true;
    }

    /// <summary>
    /// Makes the tensors that a rule declares. When the rule changes, those of the same name are kept; where none remains, it begins
    /// anew at its first step.
    /// </summary>
    public void Declare(IReadOnlyList<StateTensor> declared)
    {
        if (ReferenceEquals(declared, _declared))
        {
            return;
        }

        var old = _tensors.Select((tensor, index) => (_declared![index].Name, index)).ToDictionary(pair => pair.Name, pair => pair.index);
        StateFormat format = FormatFor(declared);
        var tensors = new Tensor[declared.Count];
        var scales = new Tensor?[declared.Count];
        for (int i = 0; i < tensors.Length; i++)
        {
            (tensors[i], scales[i]) = !old.Remove(declared[i].Name, out int kept) ? New(declared[i], format)
                : format == _format ? (_tensors[kept], _scales[kept])
                : Converted(kept, declared[i], format);
        }

        if (_declared is not null && tensors.Length > 0 && !tensors.Any(_tensors.Contains))
        {
            Step = 0;
        }

        foreach (int dropped in old.Values)
        {
            _tensors[dropped].Dispose();
            _scales[dropped]?.Dispose();
        }

        (_declared, _tensors, _scales, _format) = (declared, tensors, scales, format);
        FindAddresses();
    }

    /// <summary>Overwrites a state tensor with a copy of <paramref name="value"/>.</summary>
    /// <exception cref="ArgumentException">There is no such state, or its shape is another.</exception>
    public void Set(string state, Tensor value)
    {
        int index = IndexOf(state);

        long[] shape = ShapeOf(_declared![index]);
        if (!value.shape.SequenceEqual(shape))
        {
            throw new ArgumentException(
                $"State '{state}' of '{Name}' has shape [{string.Join(", ", value.shape)}]; this parameter's is [{string.Join(", ", shape)}]. " +
                "Load the state of this model.",
                nameof(value));
        }

        Write(index, value);
    }

    /// <summary>Goes over to another parameter of the same shape, as <c>model.to(…)</c> makes them; the states follow to its device.</summary>
    public void Rebind(Parameter parameter)
    {
        if (!parameter.shape.SequenceEqual(_shape))
        {
            throw new ArgumentException(
                $"'{Name}' had shape [{string.Join(", ", _shape)}] and now has [{string.Join(", ", parameter.shape)}]; make a new optimizer for a changed model.",
                nameof(parameter));
        }

        // What is encoded lies in this process's memory; it becomes plain for the way and is encoded again where it still can be.
        Store(StateFormat.Float32);
        _parameter = parameter;
        Replace(old => old.to(PlainType, parameter.device, copy: true));
        Store(_declared is null ? StateFormat.Float32 : FormatFor(_declared));
    }

    public override void to(Device device)
    {
        Store(StateFormat.Float32);
        Replace(old => old.to(device, copy: true));
    }

    public override void Initialize(TorchSharp.Modules.OptimizerOptions options)
    {
        Step = 0;
        Dispose();
    }

    public void Dispose()
    {
        foreach (Tensor? tensor in _tensors.Concat(_scales))
        {
            tensor?.Dispose();
        }

        (_declared, _tensors, _scales, _format) = (null, [], [], StateFormat.Float32);
        Version++;
    }

    public override bool ApproximatelyEquals(OptimizerState other) =>
        other is ParameterState state && Step == state.Step && _tensors.Length == state._tensors.Length
        && _tensors.Zip(state._tensors).All(pair => pair.First.allclose(pair.Second));

    // Contiguous whatever the parameter's strides are; owned by the optimizer, whatever scope the first step runs in.
    private Tensor Plain(StateTensor state)
    {
        if (state.StartsAsParameter)
        {
            using var noGrad = no_grad();
            return NewTensor(_shape, PlainType).copy_(_parameter.detach());
        }

        return NewTensor(ShapeOf(state), PlainType, state.InitialValue);
    }

    /// <summary>The shape that a state of this parameter has.</summary>
    public long[] ShapeOf(StateTensor state) => state.ShapeFor(_shape, Facts);

    private static Tensor Owned(Tensor tensor) => tensor.DetachFromDisposeScope();

    private void Replace(Func<Tensor, Tensor> replacement)
    {
        for (int i = 0; i < _tensors.Length; i++)
        {
            using var old = _tensors[i];
            _tensors[i] = Owned(replacement(old));
        }

        FindAddresses();
    }

    private void FindAddresses()
    {
        Version++;
        for (int i = 0; i < Math.Min(_tensors.Length, _addresses.Length); i++)
        {
            // Plain states of another type than float or double are for libtorch's operators.
            bool served = TensorExports.TryReadStored(_tensors[i].Handle, out FlatTensor flat)
                && (_format != StateFormat.Float32 || flat.Type is TensorExports.Float32 or TensorExports.Float64);
            _addresses[i] = served ? flat.Data : null;
            _scaleAddresses[i] = _scales[i] is { } scales ? (float*)TensorExports.Data(scales.Handle) : null;
        }
    }
}
