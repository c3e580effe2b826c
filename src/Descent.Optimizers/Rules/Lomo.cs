namespace Descent.Optimizers;

/// <summary>
/// LOMO: θ ← (1 − γλ)θ − γg, plain descent without any state.
/// Lv et al., "Full Parameter Fine-tuning for Large Language Models with Limited Resources", 2023 (arXiv 2306.09782), algorithm 1.
/// </summary>
/// <remarks>
/// <para>The rule is SGD with the decay of the authors' code, which is decoupled. What makes it LOMO is where it runs: inside backward, each layer's gradient is used and freed
/// before the next one's is computed, so that the gradients of one layer are alive at a time. Here the rule is that half; gradients are all there before the step, until the
/// trainer offers an update inside backward (for any rule).</para>
/// <para>The norm over all gradients is not known inside backward: the authors compute it in a backward of its own, or bound values instead.</para>
/// </remarks>
public sealed record LomoOptions : OptimizerOptions
{
    /// <summary>γ = 1e-3 and λ = 0, the defaults of the authors' code.</summary>
    public LomoOptions() => LearningRate = 1e-3;

    /// <inheritdoc/>
    public override string Kind => "lomo";

    /// <inheritdoc/>
    public override bool DecoupledWeightDecay => true;

    /// <inheritdoc/>
    public override IReadOnlyList<StateTensor> State => [];

    /// <inheritdoc/>
    public override UpdateKernel CreateKernel() => UpdateKernel.Stateless(this, static scalars => new SgdRule(scalars));
}
