using System.Numerics;
using System.Runtime.InteropServices;
using Descent.Optimizers;

namespace Descent.Testing.Checks;

/// <summary>
/// Parameters, gradients and states in native memory, each between guard bytes, filled with numbers that are the same everywhere.
/// </summary>
internal sealed unsafe class Tensors<T> : IDisposable where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private const int GuardBytes = 128;
    private const byte GuardByte = 0xA5;
    private const int GradientStream = 1;

    private readonly int[] _lengths;
    private readonly int[] _sizes; // at tensor · streams + stream
    private readonly int _streams;
    private readonly int _shift;
    private readonly byte*[] _blocks;
    private readonly OptimizerOptions _options;
    private readonly double[] _shared;

    /// <param name="options">Says how many states there are and what they start as.</param>
    /// <param name="lengths">One for each tensor.</param>
    /// <param name="shift">Elements by which every stream is off a 64-byte boundary, each by a different amount.</param>
    public Tensors(OptimizerOptions options, int[] lengths, int shift = 0)
    {
        _lengths = lengths;
        _shift = shift;
        _options = options;
        _shared = [.. options.SharedState.Select(static entry => entry.InitialValue)];
        _streams = 2 + options.State.Count;
        _blocks = new byte*[lengths.Length * _streams];
        _sizes = new int[_blocks.Length];
        Slots = new TensorSlot[lengths.Length];
        for (int tensor = 0; tensor < lengths.Length; tensor++)
        {
            long[] shape = ShapeOf(lengths[tensor]);
            TensorSlot facts = Facts(shape, tensor);
            for (int stream = 0; stream < _streams; stream++)
            {
                _sizes[(tensor * _streams) + stream] = stream < 2
                    ? lengths[tensor]
                    : (int)options.State[stream - 2].ShapeFor(shape, facts).Aggregate(1L, static (product, extent) => product * extent);
                Allocate(tensor, stream);
                bool copy = stream >= 2 && options.State[stream - 2].StartsAsParameter;
                Fill(tensor, copy ? 0 : stream, stream, stream >= 2 && !copy ? T.CreateChecked(options.State[stream - 2].InitialValue) : null);
            }

            Slots[tensor] = facts with
            {
                Parameter = Pointer(tensor, 0),
                Gradient = Pointer(tensor, GradientStream),
                State0 = _streams > 2 ? Pointer(tensor, 2) : null,
                State1 = _streams > 3 ? Pointer(tensor, 3) : null,
                State2 = _streams > 4 ? Pointer(tensor, 4) : null,
                State3 = _streams > 5 ? Pointer(tensor, 5) : null,
            };
        }
    }

    public static ElementType Type => typeof(T) == typeof(float) ? ElementType.Float32 : ElementType.Float64;

    public TensorSlot[] Slots { get; }

    public Span<T> Parameter(int tensor) => new(Pointer(tensor, 0), _lengths[tensor]);

    public Span<T> Gradient(int tensor) => new(Pointer(tensor, GradientStream), _lengths[tensor]);

    public Span<T> State(int tensor, int state) => Elements(tensor, 2 + state);

    /// <summary>Puts a parameter, and the states that start as it, somewhere else.</summary>
    public void Place(int tensor, params ReadOnlySpan<T> values)
    {
        values.CopyTo(Parameter(tensor));
        for (int state = 0; state < _options.State.Count; state++)
        {
            if (_options.State[state].StartsAsParameter)
            {
                values.CopyTo(State(tensor, state));
            }
        }
    }

    /// <summary>Gradients of one step: the same for every instance.</summary>
    public void SetGradients(long step)
    {
        for (int tensor = 0; tensor < _lengths.Length; tensor++)
        {
            Span<T> gradient = Gradient(tensor);
            for (int index = 0; index < gradient.Length; index++)
            {
                gradient[index] = T.CreateChecked(Numbers.At((int)step + 1, tensor, index));
            }
        }
    }

    /// <summary>Does steps <paramref name="from"/> … <paramref name="to"/> with their gradients.</summary>
    public void Run(UpdateKernel kernel, Func<long, StepScalars> scalars, long from, long to, IParallelRunner? runner = null)
    {
        for (long step = from; step <= to; step++)
        {
            SetGradients(step);
            Update(kernel, scalars(step), runner);
        }
    }

    /// <summary>Does one step with the gradients that are there.</summary>
    public void Update(UpdateKernel kernel, in StepScalars scalars, IParallelRunner? runner = null) =>
        kernel.Update(Slots, Type, Begin(scalars), runner ?? SingleThread.Instance);

    /// <summary>Brings what the rule shares between tensors forward to a step.</summary>
    public StepScalars Begin(in StepScalars scalars)
    {
        _options.Advance(_shared, scalars);
        return scalars with { Shared = _shared };
    }

    /// <summary>Takes over the parameters and states of another, as a checkpoint would.</summary>
    public void CopyFrom(Tensors<T> other)
    {
        for (int tensor = 0; tensor < _lengths.Length; tensor++)
        {
            for (int stream = 0; stream < _streams; stream++)
            {
                other.Elements(tensor, stream).CopyTo(Elements(tensor, stream));
            }
        }

        other._shared.CopyTo(_shared, 0);
    }

    /// <summary>Throws unless parameters and states agree bit for bit.</summary>
    public void RequireSameBits(Tensors<T> expected, string context)
    {
        for (int tensor = 0; tensor < _lengths.Length; tensor++)
        {
            for (int stream = 0; stream < _streams; stream++)
            {
                Span<T> mine = Elements(tensor, stream);
                Span<T> theirs = expected.Elements(tensor, stream);
                for (int index = 0; index < mine.Length; index++)
                {
                    if (!Numbers.SameBits(mine[index], theirs[index]))
                    {
                        throw new ContractException(
                            $"{context}: {Name(stream)} of tensor {tensor} (length {mine.Length}, {typeof(T).Name}) at element {index} is "
                            + $"{mine[index]:R}, expected {theirs[index]:R} bit for bit.");
                    }
                }
            }
        }
    }

    /// <summary>Throws if a byte before or behind a tensor was written.</summary>
    public void RequireGuards(string context)
    {
        for (int tensor = 0; tensor < _lengths.Length; tensor++)
        {
            for (int stream = 0; stream < _streams; stream++)
            {
                byte* block = Block(tensor, stream);
                byte* data = (byte*)Pointer(tensor, stream);
                byte* end = data + (Size(tensor, stream) * sizeof(T));
                if (new Span<byte>(block, (int)(data - block)).ContainsAnyExcept(GuardByte)
                    || new Span<byte>(end, GuardBytes).ContainsAnyExcept(GuardByte))
                {
                    throw new ContractException($"{context}: memory beside the {Name(stream)} of tensor {tensor} (length {_lengths[tensor]}) was written.");
                }
            }
        }
    }

    public void Dispose()
    {
        foreach (byte* block in _blocks)
        {
            NativeMemory.AlignedFree(block);
        }
    }

    private static string Name(int stream) => stream switch
    {
        0 => "parameter",
        GradientStream => "gradient",
        _ => $"state {stream - 2}",
    };

    private byte* Block(int tensor, int stream) => _blocks[(tensor * _streams) + stream];

    private T* Pointer(int tensor, int stream) => (T*)(Block(tensor, stream) + GuardBytes) + (_shift == 0 ? 0 : (_shift + stream) % 16);

    private Span<T> Elements(int tensor, int stream) => new(Pointer(tensor, stream), Size(tensor, stream));

    private int Size(int tensor, int stream) => _sizes[(tensor * _streams) + stream];

    /// <summary>Shapes for rules that look at them: batches of matrices, matrices with odd numbers of rows and of columns, vectors.</summary>
    private static long[] ShapeOf(int length) =>
        length == 0 ? [0]
        : length % 6 == 0 ? [2, 3, length / 6]
        : length % 5 == 0 ? [5, length / 5]
        : length % 3 == 0 ? [length / 3, 3]
        : [length];

    /// <summary>Five rows are two attention heads of two rows and another row; three columns may be a table.</summary>
    private static TensorSlot Facts(long[] shape, int tensor)
    {
        TensorSlot facts = TensorSlot.OfShape(shape);
        return facts with
        {
            HeadRows = facts.Units == 5 ? 2 : 0,
            HeadedRows = facts.Units == 5 ? 4 : 0,
            Table = facts.Columns == 3 && tensor % 2 == 0,
        };
    }

    private void Allocate(int tensor, int stream)
    {
        nuint bytes = (nuint)((2 * GuardBytes) + ((Size(tensor, stream) + 16) * sizeof(T)));
        byte* block = (byte*)NativeMemory.AlignedAlloc(bytes, 64);
        NativeMemory.Fill(block, bytes, GuardByte);
        _blocks[(tensor * _streams) + stream] = block;
    }

    private void Fill(int tensor, int numbers, int stream, T? value)
    {
        Span<T> elements = Elements(tensor, stream);
        for (int index = 0; index < elements.Length; index++)
        {
            elements[index] = value ?? T.CreateChecked(Numbers.At(numbers, tensor, index));
        }
    }
}
