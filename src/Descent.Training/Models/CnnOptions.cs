using Descent.Optimizers;
using Descent.Training.Data;

namespace Descent.Training.Models;

/// <summary>
/// A small residual network for images (He et al. 2015, arXiv 1512.03385): a 5 × 5 stem that halves height and width, stages of residual blocks
/// of which all but the first halve them again, global average, linear head.
/// </summary>
/// <remarks>The default is made for 28 × 28 images on two processor cores: about 6.6 million multiply-adds a sample, none of them at full size.</remarks>
public sealed record CnnOptions : ModelOptions
{
    /// <inheritdoc/>
    public override string Kind => "cnn";

    /// <summary>Channels of every stage, the stem has those of the first. Default 32, 64.</summary>
    /// <exception cref="ArgumentException">No stage, or channels outside 1 … 16,384.</exception>
    public IReadOnlyList<int> Channels
    {
        get;
        init => field = value is { Count: > 0 }
            ? [.. value.Select(channels => Require.Between(1, 1 << 14, channels, nameof(Channels)))]
            : throw Require.Refused(nameof(Channels), "is empty; allowed: the channels of at least one stage");
    } = [32, 64];

    /// <summary>Residual blocks a stage. Default 1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public int Blocks
    {
        get;
        init => field = Require.Between(1, 1000, value);
    } = 1;

    /// <summary>Dropout before the head, [0, 1). Default 0.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public double Dropout
    {
        get;
        init => field = Require.Decay(value);
    }

    /// <inheritdoc/>
    public override ModelOptions WithDropout(double dropout) => this with { Dropout = dropout };

    /// <inheritdoc/>
    public override string Describe() => $"cnn, {string.Join("–", Channels)} channels";

    /// <inheritdoc/>
    public override Model Build(DataShape shape)
    {
        ArgumentNullException.ThrowIfNull(shape);
        return shape.Task == TaskKind.LanguageModel || shape.InputShape.Length != 3
            ? throw new BadInputException(
                $"model.kind cnn takes images [channels, height, width], but a sample of the data is [{string.Join(", ", shape.InputShape)}]; use mlp for tables or gpt for text.")
            : new CnnModel(this, (int)shape.InputShape[0], shape.Outputs);
    }
}
