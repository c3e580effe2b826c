using System.Globalization;
using System.Runtime.CompilerServices;

namespace Descent.Tuning;

/// <summary>Checks of properties as they are set: the message says what, the actual value and what is allowed.</summary>
internal static class Allowed
{
    public static int AtLeast(int value, int least, [CallerMemberName] string name = "") =>
        value >= least ? value : throw new ArgumentOutOfRangeException(name, value, $"{name} is {value}; allowed: at least {least}.");

    public static long AtLeast(long value, long least, [CallerMemberName] string name = "") =>
        value >= least ? value : throw new ArgumentOutOfRangeException(name, value, $"{name} is {value}; allowed: at least {least}.");

    public static int Between(int value, int least, int most, [CallerMemberName] string name = "") =>
        value >= least && value <= most ? value : throw new ArgumentOutOfRangeException(name, value, $"{name} is {value}; allowed: from {least} to {most}.");

    public static double Between(double value, double least, double most, [CallerMemberName] string name = "") =>
        value >= least && value <= most ? value
            : throw new ArgumentOutOfRangeException(name, value, string.Create(CultureInfo.InvariantCulture, $"{name} is {value}; allowed: from {least} to {most}."));

    public static double Above(double value, double bound, [CallerMemberName] string name = "") =>
        value > bound && double.IsFinite(value) ? value
            : throw new ArgumentOutOfRangeException(name, value, string.Create(CultureInfo.InvariantCulture, $"{name} is {value}; allowed: a finite number above {bound}."));
}
