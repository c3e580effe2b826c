using static TorchSharp.torch;

namespace Descent.Training.Losses;

/// <summary>
/// The product with a head and the cross entropy of its logits as one operation, in chunks of rows: the logits, the largest tensor of a language
/// model, never exist whole unless they fit in one chunk, and are turned into their gradient where they lie.
/// </summary>
/// <remarks>
/// <para>For features x and targets t, with z = W x, lse = log Σ exp z and K classes, a counted row's loss is
/// (1−ε)(lse − zₜ) + ε(lse − mean z) + λ lse², its gradient with respect to z is (1 + 2λ lse) softmax(z) − (1−ε) eₜ − ε/K.</para>
/// <para>Forward computes loss and gradients: with several chunks, ∂x and ∂W are summed up chunk by chunk; with a single one, ∂z itself is kept
/// and backward multiplies it straight into W.grad. The idea of chunks is cut cross
/// entropy's and Liger's (Wijmans et al. 2024, arXiv 2411.09009; Hsu et al. 2024, arXiv 2410.10989).</para>
/// </remarks>
public static class LinearCrossEntropy
{
    /// <summary>Bytes of logits that exist at once, by default: 64 MiB, 333 rows of GPT-2's vocabulary.</summary>
    public const long DefaultChunkBytes = 64L << 20;

    /// <summary>Sum over counted targets of the cross entropy of <c>features · weightᵀ</c>.</summary>
    /// <param name="features">[batch…, width].</param>
    /// <param name="weight">[classes, width].</param>
    /// <param name="targets">Class numbers, int64 [batch…]: in [0, classes) or <paramref name="ignoreIndex"/>.</param>
    /// <param name="labelSmoothing">ε in [0, 1).</param>
    /// <param name="ignoreIndex">Targets of this number are not counted.</param>
    /// <param name="zLoss">λ of the z-loss.</param>
    /// <param name="chunkBytes">Bytes of logits that may exist at once; at least one row is taken.</param>
    /// <returns>A scalar of the features' type.</returns>
    /// <exception cref="ArgumentException">Features and weight aren't both float32 or both float64; beside float32 the weight may be stored in bfloat16.</exception>
    public static Tensor Sum(
        Tensor features,
        Tensor weight,
        Tensor targets,
        double labelSmoothing = 0,
        long ignoreIndex = -100,
        double zLoss = 0,
        long chunkBytes = DefaultChunkBytes)
    {
        ArgumentNullException.ThrowIfNull(features);
        ArgumentNullException.ThrowIfNull(weight);
        ArgumentNullException.ThrowIfNull(targets);
        ArgumentOutOfRangeException.ThrowIfLessThan(chunkBytes, 1);
        return LinearCrossEntropyFunction.Apply(
            features,
            weight,
            targets,
            new LinearCrossEntropyFunction.Settings(labelSmoothing, ignoreIndex, zLoss, chunkBytes));
    }
}
