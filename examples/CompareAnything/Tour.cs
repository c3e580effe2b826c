using Descent.Tuning;

namespace CompareAnything;

/// <summary>A round trip through cities that a seed has placed, which is shortened by turning pieces of it around.</summary>
internal sealed class Tour
{
    private const int Cities = 60;

    private readonly (double X, double Y)[] _cities;
    private readonly int[] _order = [.. Enumerable.Range(0, Cities)];

    public Tour(long seed)
    {
        var random = new CounterRandom(seed);
        _cities = [.. Enumerable.Range(0, Cities).Select(_ => (random.NextDouble(), random.NextDouble()))];
        Length = Enumerable.Range(0, Cities).Sum(i => Distance(i, i + 1));
    }

    public double Length { get; private set; }

    /// <summary>What the tour grows by when the piece from i to j is turned around.</summary>
    public double Change(int i, int j) => Distance(i - 1, j) + Distance(i, j + 1) - Distance(i - 1, i) - Distance(j, j + 1);

    public void Turn(int i, int j, double change)
    {
        Array.Reverse(_order, i, j - i + 1);
        Length += change;
    }

    /// <summary>Two places, the first below the second and above 0, so that city 0 stays where it is.</summary>
    public static (int First, int Second) Draw(CounterRandom random)
    {
        int a = 1 + (int)random.NextInteger(Cities - 1), b = 1 + (int)random.NextInteger(Cities - 1);
        return (Math.Min(a, b), Math.Max(a, b));
    }

    private double Distance(int i, int j)
    {
        ((double ax, double ay), (double bx, double by)) = (_cities[_order[i % Cities]], _cities[_order[j % Cities]]);
        return Math.Sqrt(((ax - bx) * (ax - bx)) + ((ay - by) * (ay - by)));
    }
}
