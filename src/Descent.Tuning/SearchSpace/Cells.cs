namespace Descent.Tuning;

/// <summary>The unit interval cut into cells of the same size.</summary>
internal static class Cells
{
    public static long IndexOf(double unit, long count) => Math.Clamp((long)Math.Floor(unit * count), 0, count - 1);

    public static double Middle(long index, long count) => (index + 0.5) / count;

    public static (double Low, double High) At(long index, long count) => ((double)index / count, (index + 1.0) / count);
}
