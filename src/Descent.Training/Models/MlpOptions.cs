using Descent.Optimizers;
using Descent.Training.Data;

namespace Descent.Training.Models;

/// <summary>A chain of fully connected layers for tables and small images: <c>model: { kind: mlp, widths: [256, 256] }</c>.</summary>
public sealed record MlpOptions : ModelOptions
{
    /// <inheritdoc/>
    public override string Kind => "mlp";

    /// <summary>Widths of the hidden layers; an empty list is a linear model. Default 256, 256.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public IReadOnlyList<int> Widths
    {
        get;
        init => field = [.. value.Select(width => Require.Between(1, 1 << 20, width, nameof(Widths)))];
    } = [256, 256];

    /// <summary>The non-linearity after every hidden layer. Default relu.</summary>
    public ActivationKind Activation { get; init; } = ActivationKind.Relu;

    /// <summary>Whether hidden layers are batch-normalised before the non-linearity. Default false.</summary>
    public bool BatchNorm { get; init; }

    /// <summary>Dropout after every hidden layer, [0, 1). Default 0.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public double Dropout
    {
        get;
        init => field = Require.Decay(value);
    }

    /// <inheritdoc/>
    public override ModelOptions WithDropout(double dropout) => this with { Dropout = dropout };

    /// <inheritdoc/>
    public override string Describe() => $"mlp, {string.Join(" × ", Widths)}";

    internal override bool WidensParameters => true;

    /// <inheritdoc/>
    public override Model Build(DataShape shape)
    {
        ArgumentNullException.ThrowIfNull(shape);
        return shape.Task == TaskKind.LanguageModel
            ? throw new BadInputException("model.kind mlp takes numbers, but the data is text; use model.kind gpt.")
            : new MlpModel(this, shape.InputLength, shape.Outputs);
    }
}
