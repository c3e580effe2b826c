namespace Descent.Tuning.Samplers;

/// <summary>A Gaussian process of the loss, asked where the largest improvement is to be expected.</summary>
public sealed class GaussianProcessSampler : ISampler
{
    public static int Startup = 8;
    public static int Draws = 200;
    public static int Climbs = 4;
    public static int FitIterations = 20;
    public static int IncumbentMode;

    public static double Margin;
    public static double ShortFactor = 4;
    public static int SliceSteps = 6;
    public static bool AltMode = true; public static int StartMode = 1;
    static double[] SobolPoint(UnitSpace u, int n) { double[] x = new double[u.Dimensions]; new SobolSequence(x.Length, 5).Point((uint)n, x); u.Snap(x); return x; }
    public static int RandomEvery, ShortEvery;
    public static string Last="";
    private UnitSpace? _space;
    private Evidence? _evidence;
    private TriedPoints? _tried;
    private ProcessData? _data;
    private TrialHistory? _dataOf;
    private (int Count, KernelParameters Kernel)? _fit;

    /// <inheritdoc/>
    public Proposal Propose(TrialHistory history, SearchSpace space, CounterRandom random)
    {
        UnitSpace units = UnitSpace.Of(ref _space, space);
        Evidence evidence = Evidence.Of(ref _evidence, history);
        TriedPoints tried = TriedPoints.Of(ref _tried, history);
        int n = evidence.Rows.Count;
        if (n < Startup)
        {
            return new Proposal(units.PointAt(StartMode == 1 ? units.DrawFarFrom(history.Trials, random) : StartMode == 2 ? SobolPoint(units, history.Trials.Count) : units.Draw(random)));
        }

        if (_dataOf != history || _data!.Count > n)
        {
            (_data, _dataOf, _fit) = (new ProcessData(units.Axes), history, null);
        }

        for (int i = _data.Count; i < n; i++)
        {
            _data.Add(evidence.Rows[i].Trial.Unit);
        }

        if (AltMode) TargetValues.SetMode = n % 2;
        int every = n < 30 ? 1 : n < 60 ? 2 : n < 120 ? 4 : 8;
        int fitted = n / every * every;
        double[] y = TargetValues.Of(evidence.Rows, evidence.Order, n);
        if (_fit?.Count != fitted)
        {
            double[] yf = fitted == n ? y : TargetValues.Of(evidence.Rows, evidence.Order, fitted);
            _fit = (fitted, KernelFit.Run(_data, yf, FitIterations));
        }

        KernelParameters kernel = _fit.Value.Kernel;
        if (SliceSteps > 0) kernel = KernelFit.Sample(_data, y, kernel, SliceSteps, random);
        if (ShortEvery > 0 && n % ShortEvery == 0) kernel = kernel with { Weights = [.. kernel.Weights.Select(w => w * ShortFactor)] };
        GaussianProcess process = new(_data, kernel, y);
        double incumbent = y.Min();
        if (IncumbentMode == 1)
        {
            incumbent = double.PositiveInfinity;
            foreach (int i in evidence.Order.Take(10))
            {
                incumbent = Math.Min(incumbent, process.Predict(evidence.Rows[i].Trial.Unit).Mean);
            }
        }

        incumbent -= Margin;
        if (RandomEvery > 0 && n % RandomEvery == RandomEvery - 1) return new Proposal(units.PointAt(units.DrawFarFrom(history.Trials, random)));
        double[][] best = [.. evidence.Order.Take(5).Select(i => evidence.Rows[i].Trial.Unit.ToArray())];
        double[] place = new ImprovementSearch(units, process, tried, incumbent).Run(best, Draws, Climbs, random) ?? units.Draw(random);
        var pr = process.Predict(place); Last = $"[pred {pr.Mean:G3} sd {Math.Sqrt(pr.Variance):G3} inc {incumbent:G3} w {string.Join(' ', kernel.Weights.Select(w => w.ToString("G2")))} s {kernel.Scale:G2} n {kernel.Noise:G2}]";
        return new Proposal(units.PointAt(place));
    }
}
