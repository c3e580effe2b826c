using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Descent.Training.Models;

/// <summary>Token vectors, with learned positions added where the model has them. The first segment of a <see cref="GptModel"/>.</summary>
internal sealed class TokenEmbedding : Layer, IDropoutLayer
{
    private readonly bool _learnedPositions;

    public TokenEmbedding(GptOptions options, int vocabulary, int context)
        : base(nameof(TokenEmbedding))
    {
        _learnedPositions = options.Positions == PositionKind.Learned;
        Dropout = options.Dropout;
        RegisterParameter("tokens", [vocabulary, options.Width]);
        if (_learnedPositions)
        {
            RegisterParameter("positions", [context, options.Width]);
        }
    }

    /// <summary>The table, [vocabulary, width]; a tied head multiplies by it.</summary>
    public Parameter Tokens => Parameter("tokens");

    public double Dropout { get; set; }

    public override Tensor forward(Tensor tokens_BT) => Embed(tokens_BT, 0);

    /// <summary>Embeds tokens of which the first is at position <paramref name="start"/>.</summary>
    public Tensor Embed(Tensor tokens_BT, long start)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x_BTD = EmbeddingFunction.Apply(Tokens, tokens_BT);
        if (_learnedPositions)
        {
            x_BTD = x_BTD.add(Parameter("positions").narrow(0, start, tokens_BT.shape[1]), GradientSink.One);
        }

        if (Dropout > 0 && training)
        {
            x_BTD = nn.functional.dropout(x_BTD, Dropout, training: true);
        }

        return x_BTD.MoveToOuterDisposeScope();
    }
}
