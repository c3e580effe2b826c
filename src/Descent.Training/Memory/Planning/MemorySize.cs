using System.Globalization;

namespace Descent.Training.Memory;

/// <summary>An amount of memory as people write it.</summary>
public static class MemorySize
{
    private static readonly (string Unit, double Bytes)[] Units =
    [
        ("KiB", 1L << 10), ("MiB", 1L << 20), ("GiB", 1L << 30), ("TiB", 1L << 40),
        ("KB", 1e3), ("MB", 1e6), ("GB", 1e9), ("TB", 1e12), ("B", 1),
    ];

    /// <summary>Bytes of a text such as <c>4GiB</c>, <c>1.5 GB</c> or <c>800MiB</c>.</summary>
    /// <param name="text">A number above 0 and a unit: KiB, MiB, GiB and TiB are powers of 1,024, KB, MB, GB and TB of 1,000; B or none is bytes.</param>
    /// <exception cref="ArgumentException">It is no such text.</exception>
    public static long Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string number = text.Trim();
        double unit = 1;
        foreach ((string name, double bytes) in Units)
        {
            if (number.EndsWith(name, StringComparison.OrdinalIgnoreCase))
            {
                (number, unit) = (number[..^name.Length].TrimEnd(), bytes);
                break;
            }
        }

        return double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double value) && value * unit is >= 1 and < 1e18
            ? (long)(value * unit)
            : throw new ArgumentException($"'{text}' is no amount of memory; write a number and a unit, such as 4GiB, 1.5GB or 800MiB", nameof(text));
    }

    /// <summary>Bytes as a person reads them: 812 MiB, 3.42 GiB.</summary>
    /// <param name="bytes">The number of bytes.</param>
    public static string Format(long bytes) => bytes switch
    {
        < 1L << 20 => $"{Text(bytes / 1024.0, "0")} KiB",
        < 1L << 30 => $"{Text(bytes / (double)(1L << 20), "0")} MiB",
        _ => $"{Text(bytes / (double)(1L << 30), "0.00")} GiB",
    };

    private static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
