using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Descent.Optimizers;

/// <summary>
/// An optimizer over plain memory: parameters lie one behind the other in one buffer, their gradients in the same order in another,
/// and the states are kept here.
/// </summary>
/// <example>
/// <code>
/// var optimizer = new SpanOptimizer&lt;float&gt;(new AdamWOptions { LearningRate = 3e-4 }, ("weight", 6), ("bias", 3));
/// optimizer.Step(parameters, gradients);                     // Span&lt;float&gt; of 9, ReadOnlySpan&lt;float&gt; of 9
/// Span&lt;float&gt; mean = optimizer.State("exp_avg", "weight");
/// </code>
/// </example>
/// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
public sealed unsafe class SpanOptimizer<T> where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly UpdateKernel _kernel;
    private readonly ElementType _type = Element.TypeOf<T>();
    private readonly IParallelRunner _runner;
    private readonly (string Name, int Start, int Length)[] _parameters;
    private readonly T[][] _states;
    private readonly TensorSlot[] _slots;
    private readonly SpanStates? _encoded;

    // Where the states of a parameter lie: at parameter, state.
    private readonly (int Start, int Length)[,] _places;
    private readonly double[] _shared;

    /// <summary>An optimizer of one unnamed parameter.</summary>
    /// <param name="options">The rule and its settings.</param>
    /// <param name="length">Elements, at least 0.</param>
    /// <param name="runner">Threads. Default: <see cref="WorkerPool.Shared"/>.</param>
    public SpanOptimizer(OptimizerOptions options, int length, IParallelRunner? runner = null)
        : this(options, runner, ("", length))
    {
    }

    /// <summary>An optimizer of several named parameters.</summary>
    /// <param name="options">The rule and its settings.</param>
    /// <param name="parameters">Names and lengths, in the order of the buffers.</param>
    public SpanOptimizer(OptimizerOptions options, params ReadOnlySpan<(string Name, int Length)> parameters)
        : this(options, null, parameters)
    {
    }

    /// <summary>An optimizer of several named parameters on threads of one's own.</summary>
    /// <param name="options">The rule and its settings.</param>
    /// <param name="runner">Threads. Default: <see cref="WorkerPool.Shared"/>.</param>
    /// <param name="parameters">Names and lengths, in the order of the buffers.</param>
    /// <exception cref="ArgumentException">Two parameters share a name.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A length is negative.</exception>
    /// <exception cref="NotSupportedException"><typeparamref name="T"/> is neither float nor double.</exception>
    public SpanOptimizer(OptimizerOptions options, IParallelRunner? runner, params ReadOnlySpan<(string Name, int Length)> parameters)
        : this(options, runner, [.. Vectors(parameters)])
    {
    }

    /// <summary>An optimizer of several named parameters with their shapes, for rules that look at rows and columns.</summary>
    /// <param name="options">The rule and its settings.</param>
    /// <param name="runner">Threads. Default: <see cref="WorkerPool.Shared"/>.</param>
    /// <param name="parameters">Names and shapes, in the order of the buffers; the last dimension's elements are neighbours.</param>
    /// <exception cref="ArgumentException">Two parameters share a name.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A dimension is negative.</exception>
    /// <exception cref="NotSupportedException"><typeparamref name="T"/> is neither float nor double.</exception>
    public SpanOptimizer(OptimizerOptions options, IParallelRunner? runner, IReadOnlyList<(string Name, long[] Shape)> parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentNullException.ThrowIfNull(options);
        Options = options;
        LearningRate = options.LearningRate;
        _kernel = options.CreateKernel();
        _runner = runner ?? WorkerPool.Shared;
        _parameters = new (string, int, int)[parameters.Count];
        _places = new (int, int)[parameters.Count, options.State.Count];
        TensorSlot[] slots = new TensorSlot[parameters.Count];
        int[] stateLengths = new int[options.State.Count];
        HashSet<string> names = [];
        for (int index = 0; index < parameters.Count; index++)
        {
            (string name, long[] shape) = parameters[index];
            foreach (long extent in shape)
            {
                ArgumentOutOfRangeException.ThrowIfNegative(extent, $"length of '{name}'");
            }

            slots[index] = TensorSlot.OfShape(shape);
            int length = checked((int)slots[index].Length);
            if (!names.Add(name))
            {
                throw new ArgumentException($"Two parameters are called '{name}'; give each a name of its own.", nameof(parameters));
            }

            _parameters[index] = (name, Length, length);
            Length = checked(Length + length);
            for (int state = 0; state < stateLengths.Length; state++)
            {
                int elements = (int)options.State[state].ShapeFor(shape, slots[index]).Aggregate(1L, static (product, extent) => product * extent);
                _places[index, state] = (stateLengths[state], elements);
                stateLengths[state] += elements;
            }
        }

        // Element-wise rules don't see the borders between parameters: one tensor serves them all.
        _slots = options.Scope == UpdateScope.Element ? [new TensorSlot { Length = Length }] : slots;

        _shared = [.. options.SharedState.Select(static entry => entry.InitialValue)];
        if (options.StateFormat != StateFormat.Float32)
        {
            _encoded = _type == ElementType.Float32 && options.Scope == UpdateScope.Element
                ? new SpanStates(options, _parameters)
                : throw new NotSupportedException(
                    $"States as {options.StateFormat} are for element-wise rules over parameters of float, not for '{options.Kind}' over {typeof(T).Name}.");
            _states = [];
            return;
        }

        _states = new T[options.State.Count][];
        for (int index = 0; index < _states.Length; index++)
        {
            // Pinned once and for all, so that a step needs no handles.
            _states[index] = GC.AllocateUninitializedArray<T>(stateLengths[index], pinned: true);
            Array.Fill(_states[index], T.CreateTruncating(options.State[index].InitialValue));
        }
    }

    /// <summary>The rule and its settings.</summary>
    public OptimizerOptions Options { get; }

    /// <summary>γ of the next step; starts as the options', to be set by a schedule.</summary>
    public double LearningRate { get; set; }

    /// <summary>Elements of all parameters together.</summary>
    public int Length { get; }

    /// <summary>Steps done; set it, and the states, to go on from a saved run.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative.</exception>
    public long Steps { get; set => field = Require.AtLeast(0, value); }

    /// <summary>The numbers of <see cref="OptimizerOptions.SharedState"/>; save and restore them with the states.</summary>
    public Span<double> SharedState => _shared;

    /// <summary>Updates the parameters in place.</summary>
    /// <param name="parameters">All parameters, <see cref="Length"/> elements.</param>
    /// <param name="gradients">Their gradients in the same order.</param>
    /// <param name="gradientScale">Multiplies the gradients first, for clipping or accumulation. Default 1.</param>
    /// <param name="clipValue">Bounds every element of the scaled gradient to ±this, above 0. Default null: no bound.</param>
    /// <exception cref="ArgumentException">A buffer isn't <see cref="Length"/> long.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="clipValue"/> is not above 0.</exception>
    public void Step(Span<T> parameters, ReadOnlySpan<T> gradients, double gradientScale = 1, double? clipValue = null)
    {
        if (parameters.Length != Length || gradients.Length != Length)
        {
            throw new ArgumentException(
                $"{parameters.Length} parameters and {gradients.Length} gradients were given; this optimizer was made for {Length} of each.");
        }

        StepScalars scalars = Options.Scalars(Steps + 1) with
        {
            LearningRate = LearningRate,
            GradientScale = gradientScale,
            ClipValue = clipValue is { } limit ? Require.Positive(limit, nameof(clipValue)) : null,
            Shared = _shared,
        };
        Options.Advance(_shared, scalars);
        StartFrom(parameters);
        fixed (T* p = parameters)
        fixed (T* g = gradients)
        {
            if (_encoded is not null)
            {
                _kernel.Update(_encoded.Slots((float*)p, (float*)g), _type, scalars, _runner);
            }
            else
            {
                Place(p, g);
                _kernel.Update(_slots, _type, scalars, _runner);
            }
        }

        Steps++;
    }

    /// <summary>
    /// Where the model is to be measured and saved: the parameters themselves, but for rules with an <see cref="OptimizerOptions.EvaluationPoint"/>.
    /// </summary>
    /// <param name="parameters">All parameters, <see cref="Length"/> elements; they stay as they are.</param>
    /// <param name="destination">Receives the point, as long.</param>
    /// <exception cref="ArgumentException">A buffer isn't <see cref="Length"/> long.</exception>
    public void CopyEvaluationPoint(ReadOnlySpan<T> parameters, Span<T> destination)
    {
        if (parameters.Length != Length || destination.Length != Length)
        {
            throw new ArgumentException(
                $"{parameters.Length} parameters and room for {destination.Length} were given; this optimizer was made for {Length} of each.");
        }

        parameters.CopyTo(destination);
        if (Options.EvaluationPoint is { } point)
        {
            // θ + f·s is a step of plain descent along s at the rate −f.
            T[] state = new T[Length];
            CopyState(point.State, state);
            fixed (T* p = destination, s = state)
            {
                TensorSlot slot = new() { Parameter = p, Gradient = s, Length = Length };
                UpdateKernel.Stateless(new SgdOptions(), static scalars => new SgdRule(scalars))
                    .Update(new ReadOnlySpan<TensorSlot>(in slot), _type, new StepScalars { LearningRate = -point.Factor }, _runner);
            }
        }
    }

    /// <summary>A state of all parameters, to be read, saved or filled from a saved run.</summary>
    /// <param name="state">A name of <see cref="OptimizerOptions.State"/>.</param>
    /// <exception cref="ArgumentException">The rule has no such state.</exception>
    /// <exception cref="InvalidOperationException">It is encoded (<see cref="OptimizerOptions.StateFormat"/>): take <see cref="CopyState"/> and <see cref="SetState"/>.</exception>
    public Span<T> State(string state)
    {
        int index = IndexOf(state);
        return _encoded is null
            ? _states[index]
            : throw new InvalidOperationException($"'{state}' is stored as {Options.StateFormat}; read it with CopyState and write it with SetState.");
    }

    /// <summary>Copies a state of all parameters, decoded.</summary>
    /// <param name="state">A name of <see cref="OptimizerOptions.State"/>.</param>
    /// <param name="destination">Receives <see cref="Length"/> values.</param>
    /// <exception cref="ArgumentException">The rule has no such state, or the destination isn't as long.</exception>
    public void CopyState(string state, Span<T> destination)
    {
        int index = IndexOf(state);
        RequireLength(destination.Length, index);
        if (_encoded is null)
        {
            _states[index].CopyTo(destination);
        }
        else
        {
            _encoded.Read(index, MemoryMarshal.Cast<T, float>(destination));
        }
    }

    /// <summary>Overwrites a state of all parameters; an encoded one is rounded to the nearest.</summary>
    /// <param name="state">A name of <see cref="OptimizerOptions.State"/>.</param>
    /// <param name="values"><see cref="Length"/> values.</param>
    /// <exception cref="ArgumentException">The rule has no such state, or there are fewer or more values.</exception>
    public void SetState(string state, ReadOnlySpan<T> values)
    {
        int index = IndexOf(state);
        RequireLength(values.Length, index);
        if (_encoded is null)
        {
            values.CopyTo(_states[index]);
        }
        else
        {
            _encoded.Write(index, MemoryMarshal.Cast<T, float>(values));
        }
    }

    /// <summary>A state of one parameter.</summary>
    /// <param name="state">A name of <see cref="OptimizerOptions.State"/>.</param>
    /// <param name="parameter">The parameter's name.</param>
    /// <exception cref="ArgumentException">There is no such state or parameter.</exception>
    public Span<T> State(string state, string parameter)
    {
        for (int index = 0; index < _parameters.Length; index++)
        {
            if (_parameters[index].Name == parameter)
            {
                Span<T> all = State(state);
                int number = Options.State.TakeWhile(tensor => tensor.Name != state).Count();
                return all.Slice(_places[index, number].Start, _places[index, number].Length);
            }
        }

        throw NearestName.Unknown("parameter", parameter, [.. _parameters.Select(static entry => entry.Name)]);
    }

    private static (string Name, long[] Shape)[] Vectors(ReadOnlySpan<(string Name, int Length)> parameters)
    {
        var shaped = new (string, long[])[parameters.Length];
        for (int index = 0; index < shaped.Length; index++)
        {
            shaped[index] = (parameters[index].Name, [parameters[index].Length]);
        }

        return shaped;
    }

    /// <summary>Puts the addresses of this step into the slots.</summary>
    private void Place(T* parameters, T* gradients)
    {
        for (int index = 0; index < _slots.Length; index++)
        {
            int start = index < _parameters.Length ? _parameters[index].Start : 0;
            _slots[index] = _slots[index] with
            {
                Parameter = parameters + start,
                Gradient = gradients + start,
                State0 = StateAddress(index, 0),
                State1 = StateAddress(index, 1),
                State2 = StateAddress(index, 2),
                State3 = StateAddress(index, 3),
            };
        }
    }

    /// <summary>States that begin as the parameter do so in the first step.</summary>
    private void StartFrom(ReadOnlySpan<T> parameters)
    {
        for (int state = 0; Steps == 0 && state < _states.Length; state++)
        {
            if (Options.State[state].StartsAsParameter)
            {
                parameters.CopyTo(_states[state]);
            }
        }
    }

    private void* StateAddress(int parameter, int state)
    {
        if (state >= _states.Length)
        {
            return null;
        }

        int start = parameter < _parameters.Length ? _places[parameter, state].Start : 0;
        return (T*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_states[state])) + start;
    }

    private int IndexOf(string state)
    {
        for (int index = 0; index < Options.State.Count; index++)
        {
            if (Options.State[index].Name == state)
            {
                return index;
            }
        }

        throw NearestName.Unknown($"state of '{Options.Kind}' named", state, [.. Options.State.Select(static tensor => tensor.Name)]);
    }

    private void RequireLength(int length, int state)
    {
        int expected = _encoded is null ? _states[state].Length : Length;
        if (length != expected)
        {
            throw new ArgumentException($"{length} values were given; this state has {expected}.", nameof(length));
        }
    }
}
