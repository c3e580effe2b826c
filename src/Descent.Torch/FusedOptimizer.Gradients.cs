using Descent.Optimizers;

namespace Descent.Torch;

// What is done with gradients between backward and the step.
public abstract partial class FusedOptimizer
{
    private readonly GradientSlots _slots = new();
    private readonly GradientNormPass _norm = new();
    private readonly AdaptiveClipPass _adaptive = new();
    private readonly ValueClipPass _values = new();
    private readonly NoisePass _noise = new();
    private bool _factored;

    /// <summary>√Σg² over all gradients, in one read pass, for clipping and for watching.</summary>
    /// <returns>The norm, and the name of a parameter with a non-finite gradient if there is one.</returns>
    public GradientReport GlobalGradientNorm()
    {
        Gather();
        GradientReport report = _norm.Compute(_slots, Threads);
        GC.KeepAlive(this);
        return report;
    }

    /// <summary>√Σg² of every parameter's gradient and of all together, in the same one read pass, for clipping each by its own norm.</summary>
    /// <example><code>
    /// GradientFactors factors = optimizer.GradientNorms().ClipEach(maxNorm: 1);
    /// optimizer.Step(new StepRequest { Factors = factors });
    /// </code></example>
    public GradientNorms GradientNorms()
    {
        Gather();
        var norms = new Dictionary<string, double>(StringComparer.Ordinal);
        GradientReport total = _norm.Compute(_slots, Threads, (parameter, squares) => norms[parameter.Name] = Math.Sqrt(squares));
        GC.KeepAlive(this);
        return new GradientNorms(total, norms);
    }

    /// <summary>
    /// Adaptive clipping (<see cref="AdaptiveClipping"/>; Brock et al. 2021): every row of a matrix, filter of a convolution and vector whose
    /// gradient has a norm above <paramref name="ratio"/> times its own is scaled down to that, in place. One pass, which also gives the norms.
    /// </summary>
    /// <param name="ratio">λ, above 0. Default 0.01 (the paper's for large batches).</param>
    /// <param name="epsilon">ε, above 0: smaller norms of units count as this. Default 1e-3 (the paper's).</param>
    /// <param name="scale">What the step will multiply the gradients by: its <see cref="StepRequest.GradientScale"/>. Default 1.</param>
    /// <param name="except">Names of parameters to leave alone: the paper's last linear layer. Their norms are part of the report. Default: none.</param>
    /// <returns>Norms before and after, as they lie in memory, and how much was clipped.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="ratio"/> or <paramref name="epsilon"/> is not above 0.</exception>
    public AdaptiveClipReport ClipAdaptively(double ratio = 0.01, double epsilon = 1e-3, double scale = 1, IReadOnlySet<string>? except = null)
    {
        Gather(except, excepted: false, withParameters: true);
        AdaptiveClipReport report = _adaptive.Clip(_slots, ratio, epsilon, scale, Threads);
        if (except is { Count: > 0 })
        {
            Gather(except, excepted: true);
            GradientReport rest = _norm.Compute(_slots, Threads);
            report = report with
            {
                Before = new GradientReport(Hypotenuse(report.Before.Norm, rest.Norm), report.Before.NonFinite ?? rest.NonFinite),
                Norm = Hypotenuse(report.Norm, rest.Norm),
            };
        }

        GC.KeepAlive(this);
        return report;
    }

    /// <summary>
    /// What <see cref="StepRequest.ClipValue"/> will do, in one read pass that also gives the norm. Nothing is changed: the bound is folded into the step.
    /// </summary>
    /// <param name="clipValue">The bound on every element of the scaled gradient, above 0.</param>
    /// <param name="scale">What the step will multiply the gradients by: its <see cref="StepRequest.GradientScale"/>. Default 1.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="clipValue"/> is not above 0.</exception>
    public ValueClipReport MeasureValueClip(double clipValue, double scale = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(clipValue);
        Gather();
        ValueClipReport report = _values.Measure(_slots, clipValue / Math.Abs(scale), Threads);
        GC.KeepAlive(this);
        return report;
    }

    /// <summary>Adds Gaussian noise to every gradient, in place, in one pass (<see cref="GradientNoise"/>; Neelakantan et al. 2015).</summary>
    /// <param name="stream">What a parameter gets, by its name: deviation and key, see <see cref="NoiseStream.KeyOf"/>.</param>
    public void AddGradientNoise(Func<string, NoiseStream> stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        Gather();
        _noise.Add(_slots, stream, Threads);
        GC.KeepAlive(this);
    }

    /// <summary>Parameters that have a gradient, and their gradients.</summary>
    internal GradientSlots GatherWithParameters()
    {
        Gather(withParameters: true);
        return _slots;
    }

    private void Gather(IReadOnlySet<string>? except = null, bool excepted = false, bool withParameters = false)
    {
        _slots.Clear();
        foreach (GroupRunner runner in _runners)
        {
            foreach (ParameterState parameter in runner.Parameters)
            {
                if ((except?.Contains(parameter.Name) ?? false) == excepted)
                {
                    _slots.Add(parameter, withParameters);
                }
            }
        }
    }

    private void SetFactors(GradientFactors? factors)
    {
        if (factors is null && !_factored)
        {
            return;
        }

        _factored = factors is not null;
        foreach (ParameterState parameter in _byName.Values)
        {
            parameter.GradientFactor = factors?[parameter.Name] ?? 1;
        }
    }

    private static double Hypotenuse(double a, double b) => Math.Sqrt((a * a) + (b * b));
}
