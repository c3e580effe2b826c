using Descent.Optimizers;
using Descent.Training.Data;
using Descent.Training.Parametrization;

namespace Descent.Training.Models;

/// <summary>A chain of fully connected layers for tables and small images: <c>model: { kind: mlp, widths: [256, 256] }</c>.</summary>
public sealed record MlpOptions : ModelOptions, IScalableModel
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

    /// <summary>How initial values, rates and multipliers follow from the widths. Default standard.</summary>
    public ParametrizationKind Parametrization { get; init; }

    /// <summary>
    /// The first width of the base model of <see cref="ParametrizationKind.Mup"/>, at which both parametrizations are the same and whose settings serve every width; its other
    /// widths stand in the same proportion. Default none.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public int? BaseWidth
    {
        get;
        init => field = value is { } given ? Require.Between(1, 1 << 20, given) : null;
    }

    /// <summary>Widths over the base model's; null in standard parametrization.</summary>
    internal double? WidthRatio => Parametrization == ParametrizationKind.Mup ? (double)Widths[0] / BaseWidth!.Value : null;

    internal override IReadOnlyList<WeightFold> Folds => WidthRatio is { } ratio and not 1 ? [new WeightFold("head.weight", null, 1 / ratio)] : [];

    /// <inheritdoc/>
    public override ModelOptions WithDropout(double dropout) => this with { Dropout = dropout };

    /// <inheritdoc/>
    public override string Describe() => $"mlp, {string.Join(" × ", Widths)}{(Parametrization == ParametrizationKind.Mup ? $", muP from {BaseWidth}" : "")}";

    internal override bool WidensParameters => true;

    /// <inheritdoc/>
    public override Model Build(DataShape shape)
    {
        ArgumentNullException.ThrowIfNull(shape);
        Validate();
        return shape.Task == TaskKind.LanguageModel
            ? throw new BadInputException("model.kind mlp takes numbers, but the data is text; use model.kind gpt.")
            : new MlpModel(this, shape.InputLength, shape.Outputs);
    }

    /// <summary>Checks the settings against each other.</summary>
    /// <exception cref="BadInputException">All contradictions, in one message.</exception>
    public void Validate()
    {
        if (Parametrization == ParametrizationKind.Mup && Widths.Count == 0)
        {
            throw NoWidth();
        }

        string[] faults = [.. ParametrizationFaults.Of(Parametrization, BaseWidth)];
        if (faults.Length > 0)
        {
            throw new BadInputException($"model (mlp): {string.Join("; ", faults)}.");
        }
    }

    ModelOptions IScalableModel.AtWidth(int width) =>
        Widths.Count == 0 ? throw NoWidth() : this with { Widths = [.. Widths.Select(own => Math.Max(1, (int)Math.Round((double)own * width / Widths[0])))] };

    ModelOptions IScalableModel.InParametrization(ParametrizationKind kind, int baseWidth) =>
        this with { Parametrization = kind, BaseWidth = kind == ParametrizationKind.Mup ? BaseWidth ?? baseWidth : null };

    private static BadInputException NoWidth() => new("model (mlp): widths is empty: a linear model has no width to scale by; give at least one hidden layer, or parametrization standard.");
}
