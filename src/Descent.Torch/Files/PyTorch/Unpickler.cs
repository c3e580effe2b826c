using System.Buffers.Binary;
using System.Text;

namespace Descent.Torch;

/// <summary>
/// Reads the data of a Python pickle, and only its data: dictionaries, lists, tuples, numbers, texts and what <c>reduce</c> makes of a name and
/// its arguments. Where Python would import and call what the file names, this reader keeps the name: a file can't run anything.
/// </summary>
/// <remarks>
/// Protocols 2 to 5 as PyTorch writes them (Python's <c>pickletools</c> describes every instruction). Dictionaries become
/// <see cref="OrderedDictionary{TKey,TValue}"/>, lists <see cref="List{T}"/>, tuples arrays, integers <see cref="long"/>.
/// </remarks>
/// <param name="bytes">The pickle.</param>
/// <param name="reduce">Makes a value of a name and its arguments.</param>
/// <param name="persistent">Makes a value of a reference to something outside the pickle.</param>
internal sealed class Unpickler(byte[] bytes, Func<PickleGlobal, object?[], object?> reduce, Func<object?, object?> persistent)
{
    private static readonly object Mark = new();

    private readonly Stack<object?> _stack = new();
    private readonly Dictionary<long, object?> _memo = [];
    private int _position;

    /// <summary>The value that the pickle holds.</summary>
    /// <exception cref="InvalidDataException">It is cut short, or holds an instruction that PyTorch doesn't write.</exception>
    public object? Read()
    {
        try
        {
            while (true)
            {
                byte code = Byte();
                if (code == '.')
                {
                    return _stack.Pop();
                }

                Execute(code);
            }
        }
        catch (Exception exception) when (exception
            is ArgumentOutOfRangeException or InvalidOperationException or InvalidCastException or KeyNotFoundException or ArgumentNullException or OverflowException)
        {
            throw new InvalidDataException($"its pickle is damaged at byte {_position} of {bytes.Length}", exception);
        }
    }

    private void Execute(byte code)
    {
        switch (code)
        {
            case 0x80: Byte(); break;                                                       // PROTO
            case 0x95: Take(8); break;                                                      // FRAME
            case (byte)'(': Push(Mark); break;
            case (byte)'0': _stack.Pop(); break;
            case (byte)'1': PopToMark(); break;
            case (byte)'2': Push(_stack.Peek()); break;
            case (byte)'N': Push(null); break;
            case 0x88: Push(true); break;
            case 0x89: Push(false); break;
            case (byte)'K': Push((long)Byte()); break;                                      // BININT1
            case (byte)'M': Push((long)BinaryPrimitives.ReadUInt16LittleEndian(Take(2))); break;
            case (byte)'J': Push((long)Int()); break;                                       // BININT
            case 0x8a: Push(Long(Byte())); break;                                           // LONG1
            case (byte)'G': Push(BinaryPrimitives.ReadDoubleBigEndian(Take(8))); break;     // BINFLOAT
            case (byte)'X': Push(Text(Int())); break;                                       // BINUNICODE
            case 0x8c: Push(Text(Byte())); break;                                           // SHORT_BINUNICODE
            case 0x8d: Push(Text(Size())); break;                                           // BINUNICODE8
            case (byte)'T': Push(Text(Int())); break;                                       // BINSTRING
            case (byte)'U': Push(Text(Byte())); break;                                      // SHORT_BINSTRING
            case (byte)'C': Push(Take(Byte()).ToArray()); break;                            // SHORT_BINBYTES
            case (byte)'B': Push(Take(Int()).ToArray()); break;                             // BINBYTES
            case 0x8e: Push(Take(Size()).ToArray()); break;                                 // BINBYTES8
            case (byte)'q': _memo[Byte()] = _stack.Peek(); break;                           // BINPUT
            case (byte)'r': _memo[Int()] = _stack.Peek(); break;                            // LONG_BINPUT
            case 0x94: _memo[_memo.Count] = _stack.Peek(); break;                           // MEMOIZE
            case (byte)'h': Push(_memo[Byte()]); break;                                     // BINGET
            case (byte)'j': Push(_memo[Int()]); break;                                      // LONG_BINGET
            default: Build(code); break;
        }
    }

    // Instructions that make values of other values.
    private void Build(byte code)
    {
        switch (code)
        {
            case (byte)'}': Push(new OrderedDictionary<object, object?>()); break;
            case (byte)']' or 0x8f: Push(new List<object?>()); break;                       // EMPTY_LIST, EMPTY_SET
            case (byte)')': Push(Array.Empty<object?>()); break;
            case 0x85: Push(Popped(1)); break;                                              // TUPLE1 … TUPLE3
            case 0x86: Push(Popped(2)); break;
            case 0x87: Push(Popped(3)); break;
            case (byte)'t' or 0x91: Push(PopToMark()); break;                               // TUPLE, FROZENSET
            case (byte)'l': Push(PopToMark().ToList()); break;
            case (byte)'d': Push(Fill([], PopToMark())); break;
            case (byte)'a': Append([_stack.Pop()]); break;
            case (byte)'e' or 0x90: Append(PopToMark()); break;                             // APPENDS, ADDITEMS
            case (byte)'s': SetItems(Popped(2)); break;
            case (byte)'u': SetItems(PopToMark()); break;
            case (byte)'c': Push(new PickleGlobal(Line(), Line())); break;                  // GLOBAL
            case 0x93: StackGlobal(); break;
            case (byte)'R' or 0x81: Reduce(); break;                                        // REDUCE, NEWOBJ
            case (byte)'b': _stack.Pop(); break;                                            // BUILD: attributes of an object; only its data counts
            case (byte)'Q': Push(persistent(_stack.Pop())); break;                          // BINPERSID
            default: throw new InvalidDataException($"its pickle has the instruction 0x{code:x2} at byte {_position - 1}, which torch.save doesn't write");
        }
    }

    private void StackGlobal()
    {
        string name = (string)_stack.Pop()!;
        Push(new PickleGlobal((string)_stack.Pop()!, name));
    }

    private void Reduce()
    {
        var arguments = (object?[])_stack.Pop()!;
        Push(reduce((PickleGlobal)_stack.Pop()!, arguments));
    }

    private void Append(object?[] items)
    {
        // What is unknown swallows its items.
        if (_stack.Peek() is List<object?> list)
        {
            list.AddRange(items);
        }
    }

    private void SetItems(object?[] items)
    {
        if (_stack.Peek() is OrderedDictionary<object, object?> dictionary)
        {
            Fill(dictionary, items);
        }
    }

    private static OrderedDictionary<object, object?> Fill(OrderedDictionary<object, object?> dictionary, object?[] items)
    {
        for (int i = 0; i + 1 < items.Length; i += 2)
        {
            dictionary[items[i] ?? "None"] = items[i + 1];
        }

        return dictionary;
    }

    private void Push(object? value) => _stack.Push(value);

    private object?[] Popped(int count)
    {
        var items = new object?[count];
        for (int i = count - 1; i >= 0; i--)
        {
            items[i] = _stack.Pop();
        }

        return items;
    }

    private object?[] PopToMark()
    {
        var items = new List<object?>();
        for (object? item = _stack.Pop(); !ReferenceEquals(item, Mark); item = _stack.Pop())
        {
            items.Add(item);
        }

        items.Reverse();
        return [.. items];
    }

    private byte Byte() => Take(1)[0];

    private int Int() => BinaryPrimitives.ReadInt32LittleEndian(Take(4));

    private int Size()
    {
        long size = BinaryPrimitives.ReadInt64LittleEndian(Take(8));
        return size <= bytes.Length ? (int)size : throw new ArgumentOutOfRangeException(nameof(size));
    }

    // Two's complement of any length; numbers of more than eight bytes don't occur among counts and sizes.
    private object Long(int length)
    {
        ReadOnlySpan<byte> digits = Take(length);
        if (length > 8)
        {
            return new System.Numerics.BigInteger(digits);
        }

        long value = 0;
        for (int i = 0; i < length; i++)
        {
            value |= (long)digits[i] << (8 * i);
        }

        int unused = 64 - (8 * length);
        return length == 0 ? 0L : value << unused >> unused;
    }

    private string Text(int length) => Encoding.UTF8.GetString(Take(length));

    private string Line()
    {
        int length = bytes.AsSpan(_position).IndexOf((byte)'\n');
        string line = Text(length);
        _position++;
        return line;
    }

    private ReadOnlySpan<byte> Take(int length)
    {
        ReadOnlySpan<byte> taken = bytes.AsSpan(_position, length);
        _position += length;
        return taken;
    }
}
