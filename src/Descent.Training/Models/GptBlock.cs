using TorchSharp;
using static TorchSharp.torch;

namespace Descent.Training.Models;

/// <summary>One pre-normalised block: h = x + attention(norm x), y = h + mlp(norm h).</summary>
internal sealed class GptBlock : Layer, IDropoutLayer
{
    private readonly Norm _attentionNorm;
    private readonly Attention _attention;
    private readonly Norm _mlpNorm;
    private readonly FeedForward _mlp;

    public GptBlock(GptOptions options, RotaryTable? rotary)
        : base(nameof(GptBlock))
    {
        _attentionNorm = Register("attention_norm", new Norm(options.Norm, options.Width, options.NormEpsilon, options.Bias));
        _attention = Register("attention", new Attention(options, rotary));
        _mlpNorm = Register("mlp_norm", new Norm(options.Norm, options.Width, options.NormEpsilon, options.Bias));
        _mlp = Register("mlp", new FeedForward(options));
        Dropout = options.Dropout;
    }

    public double Dropout { get; set; }

    public override Tensor forward(Tensor x_BTD) => Run(x_BTD, null);

    /// <summary>The block with the keys and values of earlier tokens.</summary>
    public Tensor Run(Tensor x_BTD, KeyValueCache? cache)
    {
        using DisposeScope scope = NewDisposeScope();
        bool drop = Dropout > 0 && training;
        Tensor mixed = _attention.Attend(_attentionNorm.call(x_BTD), cache);
        Tensor h_BTD = Residual(mixed, x_BTD, drop);
        Tensor fed = _mlp.call(_mlpNorm.call(h_BTD));
        return Residual(fed, h_BTD, drop).MoveToOuterDisposeScope();
    }

    // In place: neither a linear layer nor dropout needs its own output for its gradient, and a fresh block would cost page faults.
    private Tensor Residual(Tensor update, Tensor x, bool drop) =>
        (drop ? nn.functional.dropout(update, Dropout, training: true) : update).add_(x, GradientSink.One);
}
