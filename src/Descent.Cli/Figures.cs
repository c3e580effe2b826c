using System.Globalization;

namespace Descent.Cli;

/// <summary>Numbers as a person reads them, the same in the terminal and in the report. Always in English notation, wherever it runs.</summary>
internal static class Figures
{
    private static readonly string[] ByteUnits = ["B", "KiB", "MiB", "GiB", "TiB"];

    /// <summary>A loss, a metric or a norm with four significant digits: 1.234, 0.0123, 1.234e-5, NaN.</summary>
    public static string Number(double value) => Math.Abs(value) switch
    {
        double.NaN => "NaN",
        double.PositiveInfinity => value > 0 ? "∞" : "−∞",
        0 => "0",
        < 1e-3 or >= 1e6 => Exponent(value, "0.000e+0"),
        < 1 => Invariant(value, "0.0000"),
        < 10 => Invariant(value, "0.000"),
        < 100 => Invariant(value, "0.00"),
        < 1000 => Invariant(value, "0.0"),
        _ => Invariant(value, "#,0"),
    };

    /// <summary>A mean with half of its interval's width, both with the decimals of the width's two leading digits: 2.072 ± 0.018, 0.5 ± 2.0, (1.23 ± 0.20)e-5.</summary>
    /// <param name="mean">The mean.</param>
    /// <param name="half">Half of the width.</param>
    /// <param name="most">The most decimals that the quantity has; none: as many as it takes.</param>
    public static string PlusMinus(double mean, double half, int? most = null)
    {
        if (!double.IsFinite(mean) || !(half > 0 && double.IsFinite(half)))
        {
            return $"{(most is { } given ? Fixed(mean, given) : Number(mean))} ± {Number(half)}";
        }

        double largest = Math.Max(Math.Abs(mean), half);
        int exponent = most is null && largest is < 1e-3 or >= 1e6 ? (int)Math.Floor(Math.Log10(largest)) : 0;
        (mean, half) = (mean / Math.Pow(10, exponent), half / Math.Pow(10, exponent));
        int decimals = Math.Clamp(1 - (int)Math.Floor(Math.Log10(half)), 0, most ?? 6);
        string both = $"{Fixed(mean, decimals)} ± {Fixed(half, decimals)}";
        return exponent == 0 ? both : string.Create(CultureInfo.InvariantCulture, $"({both})e{exponent}");
    }

    /// <summary>A number with so many decimals, its thousands apart.</summary>
    public static string Fixed(double value, int decimals) => double.IsFinite(value) ? value.ToString($"N{decimals}", CultureInfo.InvariantCulture) : Number(value);

    /// <summary>A learning rate: 3e-4, 2.55e-4, 0.</summary>
    public static string Rate(double value) => value == 0 || !double.IsFinite(value) ? Number(value) : Exponent(value, "0.##e+0");

    /// <summary>A whole number with its thousands apart: 12,345.</summary>
    public static string Whole(double value) => double.IsFinite(value) ? Invariant(Math.Round(value), "#,0") : Number(value);

    /// <summary>A count of something: 1 step, 12,345 steps.</summary>
    /// <param name="count">How many.</param>
    /// <param name="what">Of what, as one of it is called; its plural ends in s.</param>
    public static string Of(long count, string what) => $"{Whole(count)} {what}{(count == 1 ? "" : "s")}";

    /// <summary>A throughput: 12,345 or, below a hundred, 42.5.</summary>
    public static string Throughput(double value) => value is > 0 and < 100 ? Invariant(value, "0.0") : Whole(value);

    /// <summary>Passes over the data: 0.25, 12.50.</summary>
    public static string Epoch(double value) => Invariant(value, "0.00");

    /// <summary>A count in short: 999, 12.3 K, 10.7 M, 1.24 G.</summary>
    public static string Count(long value) => value switch
    {
        < 10_000 => Invariant(value, "#,0"),
        < 1_000_000 => Invariant(value / 1e3, "0.0") + " K",
        < 1_000_000_000 => Invariant(value / 1e6, "0.0") + " M",
        _ => Invariant(value / 1e9, "0.00") + " G",
    };

    /// <summary>Bytes in binary units: 512 B, 1.2 GiB.</summary>
    public static string Bytes(long bytes)
    {
        double value = bytes;
        int unit = 0;
        while (value >= 1024 && unit < ByteUnits.Length - 1)
        {
            value /= 1024;
            unit++;
        }

        return Invariant(value, unit == 0 || value >= 100 ? "0" : "0.0") + " " + ByteUnits[unit];
    }

    /// <summary>A span of time: 0:42, 12:05, 1:02:03.</summary>
    public static string Duration(double seconds)
    {
        if (!double.IsFinite(seconds) || seconds > 1e9)
        {
            return "unknown";
        }

        long whole = (long)Math.Round(Math.Max(0, seconds));
        return whole < 3600
            ? string.Create(CultureInfo.InvariantCulture, $"{whole / 60}:{whole % 60:00}")
            : string.Create(CultureInfo.InvariantCulture, $"{whole / 3600:#,0}:{whole / 60 % 60:00}:{whole % 60:00}");
    }

    private static string Invariant(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);

    // "3e-4", not "3e+04" or "3e-04": the way rates are written in run files.
    private static string Exponent(double value, string format) => Invariant(value, format).Replace("e+", "e", StringComparison.Ordinal);
}
