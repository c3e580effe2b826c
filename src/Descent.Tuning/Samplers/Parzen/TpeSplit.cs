namespace Descent.Tuning.Samplers;

/// <summary>The finished trials, split into good and others, with their weights.</summary>
internal sealed class TpeSplit
{
    private const double GoodPart = 0.1; // hyperopt's and Optuna's
    private const int MostGood = 25;
    private const int Newest = 25; // of the others, which count in full
    private const int MostOthers = 1000;

    private readonly List<(double[] Unit, double Weight)> _below = [];
    private readonly List<(double[] Unit, double Weight)> _above = [];

    /// <param name="evidence">The finished trials.</param>
    /// <param name="running">Trials that count as others.</param>
    public TpeSplit(Evidence evidence, IReadOnlyCollection<TrialRecord> running)
    {
        int n = evidence.Rows.Count;
        int good = Math.Min((int)Math.Ceiling(GoodPart * n), MostGood);
        HashSet<int> isGood = [.. evidence.Order.Take(good)];
        foreach (int row in isGood.Order())
        {
            _below.Add((evidence.Rows[row].Trial.Unit.ToArray(), 1));
        }

        int stride = 1 + ((n - good) / MostOthers);
        int others = n - good + running.Count;
        int old = others - Newest;
        int age = 0;
        for (int row = 0; row < n; row++)
        {
            if (isGood.Contains(row))
            {
                continue;
            }

            if (age % stride == 0)
            {
                _above.Add((evidence.Rows[row].Trial.Unit.ToArray(), stride * Weight(age, old, others)));
            }

            age++;
        }

        foreach (TrialRecord trial in running)
        {
            _above.Add((trial.Unit.ToArray(), Weight(age++, old, others)));
        }
    }

    /// <summary>The good ones.</summary>
    public IReadOnlyList<(double[] Unit, double Weight)> Below => _below;

    /// <summary>The others.</summary>
    public IReadOnlyList<(double[] Unit, double Weight)> Above => _above;

    /// <summary>1 for the newest, and falling with age to 1/count (Bergstra, Yamins, Cox, "Making a Science of Model Search", ICML 2013).</summary>
    private static double Weight(int age, int old, int count) =>
        age >= old ? 1 : old == 1 ? 1.0 / count : (1.0 / count) + ((1 - (1.0 / count)) * age / (old - 1));
}
