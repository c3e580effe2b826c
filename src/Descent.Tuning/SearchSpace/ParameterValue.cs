using System.Globalization;
using System.Runtime.InteropServices;

namespace Descent.Tuning;

/// <summary>What a <see cref="ParameterValue"/> is.</summary>
public enum ParameterValueKind
{
    /// <summary>A finite real number.</summary>
    Number,

    /// <summary>A whole number.</summary>
    Integer,

    /// <summary>A text.</summary>
    Text,

    /// <summary>True or false.</summary>
    Flag,
}

/// <summary>One value of one parameter: a number, a whole number, a text or a flag. Values of different kinds are never equal.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct ParameterValue
{
    private readonly long _bits;
    private readonly string? _text;

    private ParameterValue(ParameterValueKind kind, long bits, string? text)
    {
        Kind = kind;
        _bits = bits;
        _text = text;
    }

    /// <summary>What it is.</summary>
    public ParameterValueKind Kind { get; }

    /// <summary>Whether it is a number or a whole number.</summary>
    public bool IsNumeric => Kind is ParameterValueKind.Number or ParameterValueKind.Integer;

    /// <summary>A number.</summary>
    /// <param name="value">The value; finite.</param>
    /// <exception cref="ArgumentOutOfRangeException">The value is not finite.</exception>
    public static implicit operator ParameterValue(double value) => double.IsFinite(value)
        ? new ParameterValue(ParameterValueKind.Number, BitConverter.DoubleToInt64Bits(value == 0 ? 0 : value), null)
        : throw new ArgumentOutOfRangeException(nameof(value), value, $"A parameter's value is {value}; allowed: a finite number.");

    /// <summary>A whole number.</summary>
    /// <param name="value">The value.</param>
    public static implicit operator ParameterValue(long value) => new(ParameterValueKind.Integer, value, null);

    /// <summary>A whole number.</summary>
    /// <param name="value">The value.</param>
    public static implicit operator ParameterValue(int value) => new(ParameterValueKind.Integer, value, null);

    /// <summary>A text.</summary>
    /// <param name="value">The value.</param>
    public static implicit operator ParameterValue(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return new ParameterValue(ParameterValueKind.Text, 0, value);
    }

    /// <summary>A flag.</summary>
    /// <param name="value">The value.</param>
    public static implicit operator ParameterValue(bool value) => new(ParameterValueKind.Flag, value ? 1 : 0, null);

    /// <summary>The value of a number or a whole number.</summary>
    /// <exception cref="InvalidOperationException">It is a text or a flag.</exception>
    public double AsNumber() => Kind switch
    {
        ParameterValueKind.Number => BitConverter.Int64BitsToDouble(_bits),
        ParameterValueKind.Integer => _bits,
        _ => throw Not("a number"),
    };

    /// <summary>The value of a whole number.</summary>
    /// <exception cref="InvalidOperationException">It is something else.</exception>
    public long AsInteger() => Kind == ParameterValueKind.Integer ? _bits : throw Not("a whole number");

    /// <summary>The text.</summary>
    /// <exception cref="InvalidOperationException">It is something else.</exception>
    public string AsText() => Kind == ParameterValueKind.Text ? _text! : throw Not("a text");

    /// <summary>The flag.</summary>
    /// <exception cref="InvalidOperationException">It is something else.</exception>
    public bool AsFlag() => Kind == ParameterValueKind.Flag ? _bits != 0 : throw Not("true or false");

    /// <summary>The value for people and for a run file: numbers in the shortest form that reads back to the same bits, text as it is.</summary>
    public override string ToString() => Kind switch
    {
        ParameterValueKind.Number => BitConverter.Int64BitsToDouble(_bits).ToString("R", CultureInfo.InvariantCulture),
        ParameterValueKind.Integer => _bits.ToString(CultureInfo.InvariantCulture),
        ParameterValueKind.Flag => _bits != 0 ? "true" : "false",
        _ => _text!,
    };

    private InvalidOperationException Not(string wanted) => new($"The parameter's value is '{this}' ({Kind}), not {wanted}.");
}
