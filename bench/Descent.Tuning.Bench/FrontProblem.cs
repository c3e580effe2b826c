namespace Descent.Tuning.Bench;

/// <summary>Something with two losses whose front is known.</summary>
/// <param name="Name">The name on the command line.</param>
/// <param name="Space">The space.</param>
/// <param name="Evaluate">Both losses at a point.</param>
/// <param name="Reference">The corner from which the area is measured: what is worse in either counts for nothing.</param>
internal sealed record FrontProblem(string Name, SearchSpace Space, Func<Configuration, double[]> Evaluate, (double First, double Second) Reference)
{
    private readonly Lazy<double> _whole = new(() => Area(Densely(Space, Evaluate), Reference));

    // First: what is static begins in this order.
    private static SearchSpace Cube { get; } = new(Enumerable.Range(0, 5).Select(static i => Parameter.Uniform($"x{i}", 0, 1)));

    /// <summary>
    /// ZDT1 to ZDT3 of Zitzler, Deb, Thiele, "Comparison of Multiobjective Evolutionary Algorithms", Evolutionary Computation 8 (2000), with five variables; and a network's loss against the time of a step,
    /// with a choice and whole numbers: wider and deeper is better and slower, and the rate has to fit.
    /// </summary>
    public static IReadOnlyList<FrontProblem> All { get; } =
    [
        new("zdt1", Cube, static c => Zdt(c, static (f, g) => 1 - Math.Sqrt(f / g)), (1.1, 3)),
        new("zdt2", Cube, static c => Zdt(c, static (f, g) => 1 - (f / g * (f / g))), (1.1, 3)),
        new("zdt3", Cube, static c => Zdt(c, static (f, g) => 1 - Math.Sqrt(f / g) - (f / g * Math.Sin(10 * Math.PI * f))), (1.1, 3)),
        new(
            "network",
            new SearchSpace(
                Parameter.Log("rate", 1e-5, 1),
                Parameter.IntegerLog("width", 16, 1024),
                Parameter.Integer("layers", 1, 8),
                Parameter.Uniform("dropout", 0, 0.5),
                Parameter.Choice("optimizer", "sgd", "adamw", "muon")),
            Network,
            (2, 2)),
    ];

    /// <summary>The part of the whole front's area that points have.</summary>
    public double Share(IEnumerable<(double First, double Second)> points) => Area(points, Reference) / _whole.Value;

    private static double Area(IEnumerable<(double First, double Second)> points, (double First, double Second) reference)
    {
        double area = 0;
        double floor = reference.Second;
        foreach ((double first, double second) in points.Where(point => point.First < reference.First).OrderBy(static point => point.First).ThenBy(static point => point.Second))
        {
            if (second < floor)
            {
                area += (reference.First - first) * (floor - second);
                floor = second;
            }
        }

        return area;
    }

    private static double[] Zdt(Configuration point, Func<double, double, double> shape)
    {
        double f = point.Number("x0");
        double g = 1 + (9 * Enumerable.Range(1, 4).Average(i => point.Number($"x{i}")));
        return [f, g * shape(f, g)];
    }

    private static double[] Network(Configuration point)
    {
        double rate = Math.Log10(point.Number("rate")), width = Math.Log2(point.Number("width")), layers = point.Number("layers");
        (double best, double dearer, double floor) = point.Text("optimizer") switch { "sgd" => (-0.8, 1.0, 0.25), "adamw" => (-2.7, 1.1, 0.08), _ => (-1.7, 1.35, 0.0) };
        double size = (width - 4) / 6;
        double off = rate - (best - (0.4 * size) - (0.05 * layers));
        double loss = 0.4 + floor + (1.2 * Math.Exp(-2.2 * size)) + (0.5 * Math.Exp(-0.5 * layers)) + (0.35 * off * off) + (2 * Math.Pow(point.Number("dropout") - (0.3 * size), 2));
        return [loss, 0.02 + (dearer * (0.02 + (0.12 * layers * Math.Pow(point.Number("width") / 1024, 1.3))))];
    }

    // The front of what a fine grid finds in the parameters that trade one loss for the other, with the others at their best.
    private static List<(double First, double Second)> Densely(SearchSpace space, Func<Configuration, double[]> evaluate)
    {
        List<(double First, double Second)> points = [];
        if (space.Count == 5 && space.Parameters[0].Name == "x0")
        {
            for (int i = 0; i <= 4000; i++)
            {
                double[] losses = evaluate(space.FromUnit([Math.Min(i / 4000.0, Math.BitDecrement(1.0)), 0, 0, 0, 0]));
                points.Add((losses[0], losses[1]));
            }

            return points;
        }

        for (int width = 0; width < 200; width++)
        {
            for (int layers = 0; layers < 8; layers++)
            {
                for (int kind = 0; kind < 3; kind++)
                {
                    double[] best = [double.PositiveInfinity, 0];
                    for (int rate = 0; rate < 200; rate++)
                    {
                        double[] losses = evaluate(space.FromUnit([(rate + 0.5) / 200, (width + 0.5) / 200, (layers + 0.5) / 8, Math.Clamp(0.6 * (width + 0.5) / 200, 0, 0.99), (kind + 0.5) / 3]));
                        best = losses[0] < best[0] ? losses : best;
                    }

                    points.Add((best[0], best[1]));
                }
            }
        }

        return points;
    }
}
