using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Descent.Training.Models;

/// <summary>
/// The last segment of a language model: a normalisation, under muP divided by the ratio of widths, then logits = features · Wᵀ without bias. Its two halves can be called apart, so that
/// <see cref="Losses.LinearCrossEntropy"/> never holds all logits.
/// </summary>
public sealed class LinearHead : Layer
{
    private readonly Norm _norm;
    private readonly TokenEmbedding? _tied;
    private readonly Scalar? _multiplier;

    internal LinearHead(GptOptions options, int vocabulary, TokenEmbedding? tied)
        : base(nameof(LinearHead))
    {
        _norm = Register("norm", new Norm(options.Norm, options.Width, options.NormEpsilon, options.Bias));
        _tied = tied;
        _multiplier = options.WidthRatio is { } ratio and not 1 ? (1 / ratio).ToScalar() : null;
        if (tied is null)
        {
            RegisterParameter("weight", [vocabulary, options.Width]);
        }
    }

    /// <summary>W, [vocabulary, width]; the token embedding itself where the head is tied.</summary>
    public Parameter Weight => _tied?.Tokens ?? Parameter("weight");

    /// <summary>The normalised features, with the multiplier of the logits, that <see cref="Weight"/> multiplies.</summary>
    /// <param name="x">The output of the last block, [batch, time, width].</param>
    /// <returns>Features of the same shape.</returns>
    public Tensor Features(Tensor x)
    {
        if (_multiplier is null)
        {
            return _norm.call(x);
        }

        using Tensor normalized = _norm.call(x);
        return normalized.mul(_multiplier);
    }

    /// <summary>Logits, [batch, time, vocabulary].</summary>
    /// <param name="x_BTD">The output of the last block, [batch, time, width].</param>
    /// <returns>The logits.</returns>
    public override Tensor forward(Tensor x_BTD)
    {
        using DisposeScope scope = NewDisposeScope();
        return LinearFunction.Apply(Features(x_BTD), Weight, null).MoveToOuterDisposeScope();
    }
}
