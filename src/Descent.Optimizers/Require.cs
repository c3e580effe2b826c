using System.Numerics;
using System.Runtime.CompilerServices;

namespace Descent.Optimizers;

/// <summary>
/// Checks of settings: each returns the value, or says what it was and what is allowed. A message begins with the property's name, and the
/// reader of run files puts the key in its place.
/// </summary>
internal static class Require
{
    public static double Finite(double value, [CallerMemberName] string name = "") =>
        double.IsFinite(value) ? value : throw Outside(name, value, "a finite number");

    public static double AtLeastZero(double value, [CallerMemberName] string name = "") =>
        double.IsFinite(value) && value >= 0 ? value : throw Outside(name, value, "a finite number of at least 0");

    public static double Positive(double value, [CallerMemberName] string name = "") =>
        double.IsFinite(value) && value > 0 ? value : throw Outside(name, value, "a finite number above 0");

    /// <summary>A decay rate or a probability: 0 ≤ β &lt; 1.</summary>
    public static double Decay(double value, [CallerMemberName] string name = "") =>
        value is >= 0 and < 1 ? value : throw Outside(name, value, "at least 0 and below 1");

    /// <summary>0 &lt; x &lt; 1.</summary>
    public static double Inside(double value, [CallerMemberName] string name = "") =>
        value is > 0 and < 1 ? value : throw Outside(name, value, "above 0 and below 1");

    /// <summary>0 ≤ x ≤ 1.</summary>
    public static double Fraction(double value, [CallerMemberName] string name = "") =>
        value is >= 0 and <= 1 ? value : throw Outside(name, value, "from 0 to 1");

    public static T AtLeast<T>(T minimum, T value, [CallerMemberName] string name = "") where T : struct, IBinaryInteger<T> =>
        value >= minimum ? value : throw Outside(name, value, $"a whole number of at least {minimum}");

    public static T Between<T>(T minimum, T maximum, T value, [CallerMemberName] string name = "") where T : struct, IBinaryInteger<T> =>
        value >= minimum && value <= maximum ? value : throw Outside(name, value, $"{minimum} to {maximum}");

    public static ArgumentOutOfRangeException Outside(string name, object? value, string allowed) =>
        new(name, value, value is string text ? $"{name} is '{text}'; allowed: {allowed}" : $"{name} is {value}; allowed: {allowed}");

    /// <summary>For what is no single value: <paramref name="fault"/> is a phrase such as "is empty; allowed: …".</summary>
    public static ArgumentException Refused(string name, string fault) => new($"{name} {fault}", name);
}
