namespace Descent.Optimizers.Tests.Rules;

/// <summary>
/// Rules with sums in double, one tensor at a time, as their papers write them: no lanes, no pieces, no shared code. A tensor is a batch of matrices, or a
/// vector where <paramref name="rows"/> is 0.
/// </summary>
internal sealed class ReductionOracle(OptimizerOptions options, double[] parameter, int rows)
{
    private readonly int _columns = rows == 0 ? parameter.Length : 0;
    private readonly double[] _m = new double[parameter.Length];
    private readonly double[] _v = new double[parameter.Length];
    private readonly Dictionary<(int, int), double> _means = [];

    public double[] P => parameter;

    /// <summary>Columns of a matrix.</summary>
    public int Columns { get => _columns > 0 ? _columns : field; init; }

    private int N => parameter.Length;

    public void Step(double[] g, double rate, int t)
    {
        switch (options)
        {
            case LarsOptions o: Lars(o, g, rate); break;
            case LambOptions o: Lamb(o, g, rate, t); break;
            case CautiousAdamWOptions o: Cautious(o, g, rate, t); break;
            case AdafactorOptions o: Adafactor(o, g, rate, t); break;
            case AdaLomoOptions o: AdaLomo(o, g, rate, t); break;
            case AdamMiniOptions o: AdamMini(o, g, rate, t); break;
            default: throw new NotSupportedException(options.Kind);
        }
    }

    // You et al. 2017, algorithm 1.
    private void Lars(LarsOptions o, double[] g, double rate)
    {
        double local = rows == 0 ? 1 : o.TrustCoefficient * Norm(P) / (Norm(g) + (o.WeightDecay * Norm(P)));
        for (int i = 0; i < N; i++)
        {
            _m[i] = (o.Momentum * _m[i]) + (rate * local * (g[i] + (o.WeightDecay * P[i])));
            P[i] -= _m[i];
        }
    }

    // You et al. 2020, algorithm 2.
    private void Lamb(LambOptions o, double[] g, double rate, int t)
    {
        double[] r = new double[N];
        for (int i = 0; i < N; i++)
        {
            _m[i] = (o.Beta1 * _m[i]) + ((1 - o.Beta1) * g[i]);
            _v[i] = (o.Beta2 * _v[i]) + ((1 - o.Beta2) * g[i] * g[i]);
            double mean = _m[i] / (1 - Math.Pow(o.Beta1, t));
            double square = _v[i] / (1 - Math.Pow(o.Beta2, t));
            r[i] = (mean / (Math.Sqrt(square) + o.Epsilon)) + (o.WeightDecay * P[i]);
        }

        double ratio = rows == 0 ? 1 : Norm(P) / Norm(r);
        Move(r, rate * ratio, 1);
    }

    // Liang et al. 2024, algorithm 1 around AdamW, with the authors' code for the bound.
    private void Cautious(CautiousAdamWOptions o, double[] g, double rate, int t)
    {
        double[] u = new double[N];
        for (int i = 0; i < N; i++)
        {
            _m[i] = (o.Beta1 * _m[i]) + ((1 - o.Beta1) * g[i]);
            _v[i] = (o.Beta2 * _v[i]) + ((1 - o.Beta2) * g[i] * g[i]);
            u[i] = _m[i] / (1 - Math.Pow(o.Beta1, t)) / (Math.Sqrt(_v[i] / (1 - Math.Pow(o.Beta2, t))) + o.Epsilon);
        }

        double[] mask = [.. u.Zip(g, static (x, y) => x * y > 0 ? 1.0 : 0.0)];
        Move([.. u.Zip(mask, static (x, y) => x * y)], rate / Math.Max(mask.Average(), 1e-3), 1 - (rate * o.WeightDecay));
    }

    // PyTorch 2.10's documentation of Adafactor.
    private void Adafactor(AdafactorOptions o, double[] g, double rate, int t)
    {
        double beta = 1 - Math.Pow(t, o.Beta2Decay);
        double smallest = o.Epsilon1 ?? double.BitIncrement(1) - 1;
        double alpha = Math.Max(o.Epsilon2, Rms(P)) * Math.Min(rate, 1 / Math.Sqrt(t));
        double[] v = SecondMoment(g, beta, 0, mean => Math.Max(mean, smallest));
        double[] u = [.. g.Zip(v, (x, y) => x / Math.Max(Math.Sqrt(y), smallest))];
        double step = alpha / Math.Max(1, Rms(u) / o.ClipThreshold);
        if (o.Beta1 == 0)
        {
            Move(u, step, 1 - (rate * o.WeightDecay));
            return;
        }

        // fairseq's order: the mean of what would have been moved.
        for (int i = 0; i < N; i++)
        {
            _m[i] = (o.Beta1 * _m[i]) + ((1 - o.Beta1) * step * u[i]);
        }

        Move(_m, 1, 1 - (rate * o.WeightDecay));
    }

    // Lv et al. 2024, algorithm 1, with the authors' code for the order of decay.
    private void AdaLomo(AdaLomoOptions o, double[] g, double rate, int t)
    {
        double beta = 1 - Math.Pow(t, o.Beta2Decay);
        double[] v = SecondMoment(g, beta, o.Epsilon1, mean => mean);
        double[] u = [.. g.Zip(v, (x, y) => x / Math.Sqrt(y))];
        double alpha = rate * Math.Max(o.Epsilon2, Rms(P));
        Move(u, alpha / Math.Max(1, Rms(u) / o.ClipThreshold), 1 - (alpha * o.WeightDecay));
    }

    // Zhang et al. 2024, algorithms 1 and 2, on one matrix: a block is a row, or the whole tensor.
    private void AdamMini(AdamMiniOptions o, double[] g, double rate, int t)
    {
        int block = rows == 0 || o.WholeTensors ? N : Columns;
        for (int start = 0; start < N; start += block)
        {
            double squares = g.Skip(start).Take(block).Sum(x => x * x) / block;
            double v = Mean((0, start), squares, o.Beta2);
            double root = Math.Sqrt(v / (1 - Math.Pow(o.Beta2, t))) + o.Epsilon;
            for (int i = start; i < start + block; i++)
            {
                _m[i] = (o.Beta1 * _m[i]) + ((1 - o.Beta1) * g[i]);
                P[i] = ((1 - (rate * o.WeightDecay)) * P[i]) - (rate * _m[i] / (1 - Math.Pow(o.Beta1, t)) / root);
            }
        }
    }

    private double[] SecondMoment(double[] g, double beta, double added, Func<double, double> bound)
    {
        if (rows == 0)
        {
            for (int i = 0; i < N; i++)
            {
                _v[i] = (beta * _v[i]) + ((1 - beta) * ((g[i] * g[i]) + added));
            }

            return _v;
        }

        double[] v = new double[N];
        for (int matrix = 0; matrix < N / (rows * Columns); matrix++)
        {
            int first = matrix * rows * Columns;
            double Square(int row, int column) => (g[first + (row * Columns) + column] * g[first + (row * Columns) + column]) + added;
            double[] r = [.. Enumerable.Range(0, rows).Select(row => Mean((1 + matrix, row), Enumerable.Range(0, Columns).Average(column => Square(row, column)), beta))];
            double[] c = [.. Enumerable.Range(0, Columns).Select(column => Mean((-1 - matrix, column), Enumerable.Range(0, rows).Average(row => Square(row, column)), beta))];
            for (int i = 0; i < rows * Columns; i++)
            {
                v[first + i] = r[i / Columns] * c[i % Columns] / bound(r.Average());
            }
        }

        return v;
    }

    private double Mean((int, int) key, double value, double beta) =>
        _means[key] = (beta * _means.GetValueOrDefault(key)) + ((1 - beta) * value);

    private void Move(double[] u, double step, double keep)
    {
        for (int i = 0; i < N; i++)
        {
            P[i] = (keep * P[i]) - (step * u[i]);
        }
    }

    private static double Norm(double[] x) => Math.Sqrt(x.Sum(y => y * y));

    private static double Rms(double[] x) => Norm(x) / Math.Sqrt(x.Length);
}
