namespace Descent.Tuning.Samplers;

/// <summary>What a study uses where nothing is said: one suggestion in four from a Gaussian process, the others from the tree-structured Parzen estimator, one of them multivariate.</summary>
/// <remarks>
/// <para>
/// All learn from all trials, so that each begins where the others have come. The process finds the basin of smooth functions with few trials and goes to its bottom; the estimators don't mind jumps,
/// conditions and ties, and where the process's model is wrong they go on. Measured on tables of real training and on functions (<c>docs/tuning.md</c>), the mixture is at least as good as its best part.
/// </para>
/// <para>
/// The process's share ends with <see cref="GaussianProcessTrials"/>: what is tried more often than that is cheap, and shouldn't wait for its suggestions.
/// Reference: Brochu, Hoffman, de Freitas, "Portfolio Allocation for Bayesian Optimization", UAI 2011 (arXiv 1009.5419). Deviation: turns are dealt, not learned: a hundred trials don't teach whose
/// suggestions were lucky.
/// </para>
/// </remarks>
public sealed class PortfolioSampler : ISampler
{
    private readonly GaussianProcessSampler _process = new();
    private readonly TpeSampler _plain = new();
    private readonly TpeSampler _multivariate = new() { Multivariate = true };

    /// <summary>The process takes part until so many trials have finished. At least 0; default 250.</summary>
    public int GaussianProcessTrials { get; init => field = Allowed.AtLeast(value, 0); } = 250;

    /// <inheritdoc/>
    public Proposal Propose(TrialHistory history, SearchSpace space, CounterRandom random)
    {
        ArgumentNullException.ThrowIfNull(history);
        int turn = history.Trials.Count % 4;
        bool isEarly = history.Finished.Count < _process.StartupTrials || turn == 0;
        TpeSampler estimator = turn == 2 ? _multivariate : _plain;
        return isEarly && history.Finished.Count < GaussianProcessTrials ? _process.Propose(history, space, random) : estimator.Propose(history, space, random);
    }
}
