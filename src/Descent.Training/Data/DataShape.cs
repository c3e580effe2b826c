namespace Descent.Training.Data;

/// <summary>The shape of a data set: all that a model needs to know to be built for it.</summary>
public sealed record DataShape
{
    /// <summary>What is learned.</summary>
    public required TaskKind Task { get; init; }

    /// <summary>One sample's input without the batch dimension: [context] tokens, [channels, height, width] of an image, or [features].</summary>
    public required long[] InputShape { get; init; }

    /// <summary>Vocabulary size (language model), number of classes (classification) or target columns (regression).</summary>
    public required int Outputs { get; init; }

    /// <summary>Tokens a window holds; 0 where the data isn't text.</summary>
    public int Context { get; init; }

    /// <summary>Names of the classes in the order of their numbers; null where there are none.</summary>
    public IReadOnlyList<string>? ClassNames { get; init; }

    /// <summary>
    /// Mean of the regression target over the training samples, 0 where targets are left as they are: a prediction y in the data's own unit is
    /// <c>y · TargetScale + TargetMean</c>.
    /// </summary>
    public double TargetMean { get; init; }

    /// <summary>Standard deviation of the regression target over the training samples, 1 where targets are left as they are.</summary>
    public double TargetScale { get; init; } = 1;

    /// <summary>Numbers in one sample's input: the product of <see cref="InputShape"/>.</summary>
    public int InputLength => checked((int)InputShape.Aggregate(1L, (product, extent) => product * extent));
}
