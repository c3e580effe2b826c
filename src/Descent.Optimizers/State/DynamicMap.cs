namespace Descent.Optimizers;

/// <summary>
/// The dynamic 8-bit data type of Dettmers, "8-Bit Approximations for Parallelism in Deep Learning", 2016, as bitsandbytes makes it (Dettmers et al., "8-bit
/// Optimizers via Block-wise Quantization", 2022): seven decades below 1, each cut into twice as many equal parts as the one below it, the parts' middles are
/// the values; and 0 and 1.
/// </summary>
internal sealed class DynamicMap
{
    private const int Decades = 7;
    private readonly float[] _values;
    private readonly float[] _borders;

    private DynamicMap(bool signed)
    {
        List<double> values = [0, 1];
        for (int decade = 0; decade < Decades; decade++)
        {
            int parts = 1 << (signed ? decade : decade + 1);
            double top = Math.Pow(10, decade - (Decades - 1));
            for (int part = 0; part < parts; part++)
            {
                double middle = top * (0.1 + (0.9 * (part + 0.5) / parts));
                values.Add(middle);
                if (signed)
                {
                    values.Add(-middle);
                }
            }
        }

        values.Sort();
        _values = [.. values.Select(static value => (float)value)];
        _borders = [.. values.Zip(values.Skip(1), static (a, b) => (float)((a + b) / 2))];
        Zero = (byte)Array.IndexOf(_values, 0f);
        LeastPositive = signed ? byte.MinValue : (byte)1;
    }

    /// <summary>Values from −0.993 to 1.</summary>
    public static DynamicMap Signed { get; } = new(signed: true);

    /// <summary>Values from 0 to 1.</summary>
    public static DynamicMap Unsigned { get; } = new(signed: false);

    /// <summary>The values in ascending order; a code is a place among them.</summary>
    public ReadOnlySpan<float> Values => _values;

    /// <summary>The code of zero.</summary>
    public byte Zero { get; }

    private byte LeastPositive { get; }

    /// <summary>The code of the value nearest to x; of two as near, the smaller. Without a sign, x above zero has a code above zero's, see <see cref="MiniFloat{TShape}"/>.</summary>
    public byte Nearest(float x)
    {
        int code = 0;
        for (int step = 128; step > 0; step >>= 1)
        {
            code += _borders[code + step - 1] < x ? step : 0;
        }

        return (byte)(x > 0 ? Math.Max(code, LeastPositive) : code);
    }
}
