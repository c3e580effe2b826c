namespace Descent.Tuning.Samplers;

/// <summary>The samplers that a command line or a run file can name.</summary>
public static class SamplerCatalog
{
    private static readonly (string Name, Func<ISampler> Create)[] Entries =
    [
        ("random", static () => new RandomSampler()),
        ("grid", static () => new GridSampler()),
        ("sobol", static () => new SobolSampler()),
        ("cfo", static () => new CostFrugalSampler()),
        ("blend_search", static () => new CostFrugalSampler { Blend = true }),
        ("nsga2", static () => new NsgaSampler()),
        ("pbt", static () => new PopulationSampler()),
        ("gp", static () => new GaussianProcessSampler()),
        ("tpe", static () => new TpeSampler()),
        ("cmaes", static () => new CmaEsSampler()),
        ("tpe_multivariate", static () => new TpeSampler { Multivariate = true }),
    ];

    /// <summary>The names, in the order of the documentation.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Entries.Select(static entry => entry.Name)];

    /// <summary>A sampler with its defaults.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <exception cref="ArgumentException">There is no such sampler.</exception>
    public static ISampler Create(string name) => Entries.FirstOrDefault(entry => entry.Name == name).Create?.Invoke()
        ?? throw new ArgumentException($"There is no sampler '{name}'. Known: {string.Join(", ", Names)}.", nameof(name));
}
