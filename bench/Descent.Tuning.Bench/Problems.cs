namespace Descent.Tuning.Bench;

/// <summary>Functions with known minima; the first six are those of optuna_peer.py too.</summary>
internal static class Problems
{
    private static readonly double[] Shift = [9.1, -13.3, 4.7, -6.2, 11.9];
    private static readonly double[] HartmannC = [1.0, 1.2, 3.0, 3.2];
    private static readonly double[][] Hartmann6A = [[10, 3, 17, 3.5, 1.7, 8], [0.05, 10, 17, 0.1, 8, 14], [3, 3.5, 1.7, 10, 17, 8], [17, 8, 0.05, 10, 0.1, 14]];
    private static readonly double[][] Hartmann6P =
        [[1312, 1696, 5569, 124, 8283, 5886], [2329, 4135, 8307, 3736, 1004, 9991], [2348, 1451, 3522, 2883, 3047, 6650], [4047, 8828, 8732, 5743, 1091, 381]];

    private static readonly double[][] Hartmann3A = [[3, 10, 30], [0.1, 10, 35], [3, 10, 30], [0.1, 10, 35]];
    private static readonly double[][] Hartmann3P = [[3689, 1170, 2673], [4699, 4387, 7470], [1091, 8732, 5547], [381, 5743, 8828]];

    public static IReadOnlyList<Problem> Shared { get; } =
    [
        new("branin", new SearchSpace(Parameter.Uniform("x", -5, 10), Parameter.Uniform("y", 0, 15)), static c => Branin(c.Number("x"), c.Number("y")), 0.397887357729739),
        new("hartmann6", Cube(6, 0, 1), static c => Hartmann(c, Hartmann6A, Hartmann6P), -3.322368011391339),
        new("rosenbrock4", Cube(4, -2.048, 2.048), Rosenbrock, 0),
        new("ackley5", Cube(5, -32.768, 32.768), Ackley, 0),
        new(
            "mixed",
            new SearchSpace(
                Parameter.Log("rate", 1e-5, 1),
                Parameter.Integer("layers", 1, 8),
                Parameter.IntegerLog("width", 16, 1024),
                Parameter.Uniform("dropout", 0, 0.5),
                Parameter.Step("momentum", 0.5, 0.95, 0.05),
                Parameter.Choice("activation", "relu", "gelu", "tanh"),
                Parameter.Choice("optimizer", "sgd", "adam")),
            Mixed,
            0),
        new(
            "conditional",
            new SearchSpace(
                Parameter.Choice("model", "svm", "forest", "net"),
                Parameter.Log("c", 1e-3, 1e3).When("model == svm"),
                Parameter.Log("gamma", 1e-4, 10).When("model == svm"),
                Parameter.Integer("depth", 2, 32).When("model == forest"),
                Parameter.Uniform("features", 0.1, 1).When("model == forest"),
                Parameter.Log("rate", 1e-5, 1e-1).When("model == net"),
                Parameter.Integer("layers", 1, 5).When("model == net"),
                Parameter.Uniform("dropout", 0, 0.8).When("layers > 1")),
            Conditional,
            0.1),
    ];

    /// <summary>Functions that only our own samplers run on: what a choice between settings is made with, beside the tables that the figures come from.</summary>
    public static IReadOnlyList<Problem> Others { get; } =
    [
        new("hartmann3", Cube(3, 0, 1), static c => Hartmann(c, Hartmann3A, Hartmann3P), -3.86278214782076),
        new("levy4", Cube(4, -10, 10), Levy, 0),
        new("styblinski5", Cube(5, -5, 5), static c => Numbers(c).Sum(static x => ((x * x * x * x) - (16 * x * x) + (5 * x)) / 2), -39.16616570377142 * 5),
        new("rastrigin3", Cube(3, -5.12, 5.12), static c => Numbers(c).Select(static x => x - 1.3).Sum(static x => (x * x) - (10 * Math.Cos(2 * Math.PI * x)) + 10), 0),
        new("sphere10", Cube(10, -1, 1), static c => Numbers(c).Select(static (x, i) => x - (0.6 * Math.Sin(i + 1))).Sum(static x => x * x), 0),
        new("hartmann6_grid", Grid(6, 10), static c => Hartmann([.. Numbers(c).Select(static i => (i + 0.5) / 10)], Hartmann6A, Hartmann6P), HartmannGridLeast),
        new("training", Training(false), static c => TrainingLoss(c.Number("rate"), c.Integer("batch"), c.Number("decay"), c.Integer("depth"), c.Integer("width")), 0, 1),
        new(
            "training_grid",
            Training(true),
            static c => TrainingLoss(
                Math.Pow(10, -5 + (c.Number("rate") * 5 / 9)), Math.Pow(2, 2 + (c.Number("batch") * 6 / 9)), Math.Pow(10, -8 + (c.Number("decay") * 8 / 9)), c.Integer("depth"), Math.Pow(2, 4 + (c.Number("width") * 6 / 9))),
            TrainingGridLeast(),
            1),
    ];

    private static double HartmannGridLeast => GridLeast(6, 10, static x => Hartmann([.. x.Select(static i => (i + 0.5) / 10)], Hartmann6A, Hartmann6P));

    private static SearchSpace Cube(int dimensions, double low, double high) => new(Enumerable.Range(0, dimensions).Select(i => (Parameter)Parameter.Uniform($"x{i}", low, high)));

    private static SearchSpace Grid(int dimensions, int cells) => new(Enumerable.Range(0, dimensions).Select(i => (Parameter)Parameter.Integer($"x{i}", 0, cells - 1)));

    private static SearchSpace Training(bool grid) => grid
        ? new(Parameter.Integer("decay", 0, 9), Parameter.Integer("batch", 0, 9), Parameter.Integer("depth", 1, 3), Parameter.Integer("rate", 0, 9), Parameter.Integer("width", 0, 9))
        : new(Parameter.Log("decay", 1e-8, 1), Parameter.IntegerLog("batch", 4, 256), Parameter.Integer("depth", 1, 3), Parameter.Log("rate", 1e-5, 1), Parameter.IntegerLog("width", 16, 1024));

    /// <summary>The numbers of a point, for functions of all of them.</summary>
    private static double[] Numbers(Configuration configuration) => [.. configuration.Values.Select(static value => value.AsNumber())];

    private static double Branin(double x, double y) =>
        Math.Pow(y - (5.1 / (4 * Math.PI * Math.PI) * x * x) + (5 / Math.PI * x) - 6, 2) + (10 * (1 - (1 / (8 * Math.PI))) * Math.Cos(x)) + 10;

    private static double Hartmann(Configuration configuration, double[][] a, double[][] p) => Hartmann(Numbers(configuration), a, p);

    private static double Hartmann(double[] x, double[][] a, double[][] p)
    {
        double sum = 0;
        for (int i = 0; i < 4; i++)
        {
            double exponent = 0;
            for (int j = 0; j < x.Length; j++)
            {
                exponent += a[i][j] * Math.Pow(x[j] - (p[i][j] / 1e4), 2);
            }

            sum -= HartmannC[i] * Math.Exp(-exponent);
        }

        return sum;
    }

    private static double Rosenbrock(Configuration configuration)
    {
        double[] x = Numbers(configuration);
        return Enumerable.Range(0, x.Length - 1).Sum(i => (100 * Math.Pow(x[i + 1] - (x[i] * x[i]), 2)) + Math.Pow(1 - x[i], 2));
    }

    private static double Ackley(Configuration configuration)
    {
        double[] x = [.. Numbers(configuration).Select(static (x, i) => x - Shift[i])];
        return (-20 * Math.Exp(-0.2 * Math.Sqrt(x.Average(static v => v * v)))) - Math.Exp(x.Average(static v => Math.Cos(2 * Math.PI * v))) + 20 + Math.E;
    }

    private static double Levy(Configuration configuration)
    {
        double[] w = [.. Numbers(configuration).Select(static x => 1 + ((x - 1) / 4))];
        double sum = Math.Pow(Math.Sin(Math.PI * w[0]), 2);
        for (int i = 0; i < w.Length - 1; i++)
        {
            sum += Math.Pow(w[i] - 1, 2) * (1 + (10 * Math.Pow(Math.Sin((Math.PI * w[i]) + 1), 2)));
        }

        return sum + (Math.Pow(w[^1] - 1, 2) * (1 + Math.Pow(Math.Sin(2 * Math.PI * w[^1]), 2)));
    }

    private static double Mixed(Configuration c)
    {
        double rate = Math.Log10(c.Number("rate"));
        double layers = c.Integer("layers");
        double width = Math.Log2(c.Integer("width"));
        bool sgd = c.Text("optimizer") == "sgd";
        double bestRate = (sgd ? -1.3 : -2.8) - (0.1 * (layers - 1));
        double loss = (0.25 * Math.Pow(rate - bestRate, 2)) + (0.02 * Math.Pow(layers - 5, 2)) + (0.03 * Math.Pow(width - 8.5 + (0.2 * layers), 2));
        loss += 2 * Math.Pow(c.Number("dropout") - (0.04 * layers), 2);
        loss += c.Text("activation") switch { "relu" => 0.05, "gelu" => 0, _ => 0.2 };
        loss += sgd ? 0.1 + (2 * Math.Pow(c.Number("momentum") - 0.9, 2)) : 0.5 * Math.Pow(c.Number("momentum") - 0.85, 2);
        return 1 - (1 / (1 + loss));
    }

    private static double Conditional(Configuration c)
    {
        switch (c.Text("model"))
        {
            case "svm":
                double cost = Math.Log10(c.Number("c")) - 1;
                double gamma = Math.Log10(c.Number("gamma")) + 1.5;
                return 0.15 + (0.05 * cost * cost) + (0.05 * gamma * gamma) + (0.03 * cost * gamma);
            case "forest":
                return 0.18 + (0.001 * Math.Pow(c.Integer("depth") - 18, 2)) + (0.2 * Math.Pow(c.Number("features") - 0.4, 2));
            default:
                double layers = c.Integer("layers");
                double loss = 0.1 + (0.1 * Math.Pow(Math.Log10(c.Number("rate")) + 2.5 + (0.2 * layers), 2)) + (0.02 * Math.Pow(layers - 4, 2));
                return layers > 1 ? loss + (0.5 * Math.Pow(c.Number("dropout") - (0.1 * layers), 2)) : loss;
        }
    }

    /// <summary>
    /// An error rate as training gives it: too small a rate learns too little, too large a one diverges to guessing, decay helps until it hurts, and width and depth saturate.
    /// </summary>
    private static double TrainingLoss(double rate, double batch, double decay, double depth, double width)
    {
        double logRate = Math.Log10(rate);
        double learned = logRate + 2.6 - (0.5 * Math.Log10(batch / 32)) + (0.3 * (depth - 1)) + (0.25 * Math.Log10(width / 128));
        if (learned > 1.1)
        {
            return 0.75 + (0.05 * Math.Sin(40 * logRate)) + 0.05; // diverged
        }

        double decayed = Math.Max(0, Math.Log10(decay) + 2.2);
        double capacity = 0.08 * Math.Exp(-0.8 * (Math.Log2(width) - 4)) + (0.02 * Math.Abs(depth - 2));
        double under = 1 - Math.Exp(-0.12 * learned * learned * (learned < 0 ? 1 : 3));
        double ripple = 0.004 * (1 + Math.Sin((7 * logRate) + (3 * Math.Log2(width)) + (5 * Math.Log10(decay)) + depth + Math.Log2(batch)));
        return Math.Min(0.85, (0.7 * under) + capacity + (0.05 * decayed * decayed) + (0.01 * Math.Max(0, -Math.Log10(decay) - 4)) + ripple);
    }

    private static double TrainingGridLeast()
    {
        double least = double.PositiveInfinity;
        for (int i = 0; i < 30_000; i++)
        {
            int[] x = [i % 10, i / 10 % 10, i / 100 % 10, i / 1000 % 10];
            int depth = 1 + (i / 10_000);
            least = Math.Min(least, TrainingLoss(Math.Pow(10, -5 + (x[0] * 5.0 / 9)), Math.Pow(2, 2 + (x[1] * 6.0 / 9)), Math.Pow(10, -8 + (x[2] * 8.0 / 9)), depth, Math.Pow(2, 4 + (x[3] * 6.0 / 9))));
        }

        return least;
    }

    private static double GridLeast(int dimensions, int cells, Func<double[], double> f)
    {
        double least = double.PositiveInfinity;
        double[] x = new double[dimensions];
        int count = (int)Math.Pow(cells, dimensions);
        for (int i = 0; i < count; i++)
        {
            int rest = i;
            for (int j = 0; j < dimensions; j++)
            {
                x[j] = rest % cells;
                rest /= cells;
            }

            least = Math.Min(least, f(x));
        }

        return least;
    }
}
