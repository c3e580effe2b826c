using Descent.Optimizers;
using Descent.Training.Configuration;
using Descent.Training.Data;
using Descent.Training.Parametrization;

namespace Descent.Training.Models;

/// <summary>How a <see cref="GptModel"/> knows the order of tokens.</summary>
public enum PositionKind
{
    /// <summary>A learned vector a position, added to the embedding (GPT-2).</summary>
    Learned,

    /// <summary>Queries and keys turned by an angle that grows with the position (RoPE, Su et al. 2021, arXiv 2104.09864).</summary>
    Rotary,
}

/// <summary>Which components of a head form the pairs that <see cref="PositionKind.Rotary"/> turns.</summary>
public enum RotationKind
{
    /// <summary>Neighbours (0, 1), (2, 3) …, as in the paper and Meta's Llama files. The faster one here.</summary>
    Interleaved,

    /// <summary>Component i with i + size/2, as in Hugging Face's Llama files.</summary>
    Half,
}

/// <summary>The normalisation of a <see cref="GptModel"/>.</summary>
public enum NormKind
{
    /// <summary>Mean and variance removed, weight and (with <see cref="GptOptions.Bias"/>) bias.</summary>
    LayerNorm,

    /// <summary>Divided by the root mean square, weight only (Zhang and Sennrich 2019, arXiv 1910.07467).</summary>
    RmsNorm,
}

/// <summary>The feed-forward layer of a <see cref="GptModel"/>.</summary>
public enum FeedForwardKind
{
    /// <summary>W₂ gelu(W₁x), with the tanh form of GELU that GPT-2 uses.</summary>
    Gelu,

    /// <summary>W₂ (silu(W₁x) ⊙ W₃x) (Shazeer 2020, arXiv 2002.05202).</summary>
    SwiGlu,
}

/// <summary>
/// A decoder-only transformer with pre-normalised blocks. The defaults are a small modern model; <see cref="Gpt2"/> gives GPT-2 itself and
/// rotary + rms_norm + swi_glu without bias carries Llama-style weights.
/// </summary>
public sealed record GptOptions : ModelOptions, IScalableModel
{
    /// <inheritdoc/>
    public override string Kind => "gpt";

    /// <summary>Number of blocks, 1 to 1,000. Default 6.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public int Layers
    {
        get;
        init => field = Require.Between(1, 1000, value);
    } = 6;

    /// <summary>Width of the residual stream, a multiple of <see cref="Heads"/>. Default 384.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public int Width
    {
        get;
        init => field = Require.Between(1, 1 << 20, value);
    } = 384;

    /// <summary>Number of query heads. Default 6.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public int Heads
    {
        get;
        init => field = Require.Between(1, 1 << 14, value);
    } = 6;

    /// <summary>Number of key and value heads, a divisor of <see cref="Heads"/> (grouped-query attention); null (default): as many as heads.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public int? KeyValueHeads
    {
        get;
        init => field = value is { } given ? Require.Between(1, 1 << 14, given) : null;
    }

    /// <summary>Longest window in tokens; null (default): the data's.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public int? Context
    {
        get;
        init => field = value is { } given ? Require.Between(1, 1 << 24, given) : null;
    }

    /// <summary>How positions enter. Default rotary.</summary>
    public PositionKind Positions { get; init; } = PositionKind.Rotary;

    /// <summary>The pairs that rotary positions turn. Default interleaved.</summary>
    public RotationKind Rotation { get; init; } = RotationKind.Interleaved;

    /// <summary>Base of the rotary angles: θᵢ = base^(−2i/size). Default 10,000 (the paper's).</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public double RopeBase
    {
        get;
        init => field = Require.Positive(value);
    } = 10_000;

    /// <summary>The normalisation. Default rms_norm.</summary>
    public NormKind Norm { get; init; } = NormKind.RmsNorm;

    /// <summary>ε inside the root of the normalisation. Default 1e-5 (GPT-2's and Llama 2's).</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public double NormEpsilon
    {
        get;
        init => field = Require.Positive(value);
    } = 1e-5;

    /// <summary>The feed-forward layer. Default gelu.</summary>
    public FeedForwardKind Activation { get; init; } = FeedForwardKind.Gelu;

    /// <summary>
    /// Width of the feed-forward layer over <see cref="Width"/>. Default 4 (GPT-2's). With swi_glu two thirds of it is taken, so that both kinds
    /// have the same number of weights, rounded up to a multiple of 32.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public double MlpRatio
    {
        get;
        init => field = Require.Positive(value);
    } = 4;

    /// <summary>Width of the feed-forward layer given outright; null (default): from <see cref="MlpRatio"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public int? Hidden
    {
        get;
        init => field = value is { } given ? Require.Between(1, 1 << 22, given) : null;
    }

    /// <summary>Whether linear layers and layer norms have biases. Default false.</summary>
    public bool Bias { get; init; }

    /// <summary>Whether the head is the token embedding (Press and Wolf 2017, arXiv 1608.05859). Default true.</summary>
    public bool TiedHead { get; init; } = true;

    /// <summary>
    /// Dropout after the embedding, the attention and the feed-forward layer, [0, 1). Default 0. Attention weights are not dropped: that would
    /// leave the flash kernel.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public double Dropout
    {
        get;
        init => field = Require.Decay(value);
    }

    /// <summary>How initial values, rates and multipliers follow from the width. Default standard.</summary>
    public ParametrizationKind Parametrization { get; init; }

    /// <summary>
    /// The width of the base model of <see cref="ParametrizationKind.Mup"/>, at which both parametrizations are the same and whose settings serve every width.
    /// Default none.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public int? BaseWidth
    {
        get;
        init => field = value is { } given ? Require.Between(1, 1 << 20, given) : null;
    }

    /// <summary>
    /// The heads of the base model, from which the size of its heads follows; null (default): as many as <see cref="Heads"/>, so that heads grow with the width.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public int? BaseHeads
    {
        get;
        init => field = value is { } given ? Require.Between(1, 1 << 14, given) : null;
    }

    /// <summary>GPT-2 small (Radford et al. 2019): 12 layers, width 768, 12 heads, context 1,024; 124,439,808 parameters with 50,257 tokens.</summary>
    public static GptOptions Gpt2 { get; } = new()
    {
        Layers = 12,
        Width = 768,
        Heads = 12,
        Context = 1024,
        Positions = PositionKind.Learned,
        Norm = NormKind.LayerNorm,
        Activation = FeedForwardKind.Gelu,
        Bias = true,
    };

    /// <summary>Components of one head.</summary>
    internal int HeadSize => Width / Heads;

    /// <summary>Key and value heads.</summary>
    internal int Groups => KeyValueHeads ?? Heads;

    /// <summary>Width of the feed-forward layer.</summary>
    internal int HiddenWidth => Hidden ?? (Activation == FeedForwardKind.Gelu
        ? Math.Max(1, (int)Math.Round(MlpRatio * Width))
        : (int)Math.Ceiling(MlpRatio * Width * 2 / 3 / 32) * 32);

    /// <summary>Width over the base model's; null in standard parametrization.</summary>
    internal double? WidthRatio => Parametrization == ParametrizationKind.Mup ? (double)Width / BaseWidth!.Value : null;

    /// <summary>What queries are multiplied by, so that their products with keys are divided by size/√(base size) instead of √size.</summary>
    internal double QueryMultiplier => WidthRatio is null ? 1 : Math.Sqrt((double)BaseWidth!.Value / (BaseHeads ?? Heads) / HeadSize);

    internal override IReadOnlyList<WeightFold> Folds
    {
        get
        {
            List<WeightFold> folds = [];
            if (WidthRatio is { } ratio and not 1)
            {
                folds.AddRange(WithBias("head.norm", Norm == NormKind.LayerNorm, null, 1 / ratio));
            }

            if (QueryMultiplier != 1)
            {
                folds.AddRange(Enumerable.Range(0, Layers).SelectMany(block => WithBias($"blocks.{block}.attention.qkv", true, (long)Heads * HeadSize, QueryMultiplier)));
            }

            return folds;

            IEnumerable<WeightFold> WithBias(string layer, bool mayHaveBias, long? rows, double factor) =>
                Bias && mayHaveBias ? [new($"{layer}.weight", rows, factor), new($"{layer}.bias", rows, factor)] : [new($"{layer}.weight", rows, factor)];
        }
    }

    /// <inheritdoc/>
    public override ModelOptions WithDropout(double dropout) => this with { Dropout = dropout };

    /// <inheritdoc/>
    public override string Describe() => $"gpt, {Layers} layers × {Width}{(WidthRatio is null ? "" : $", muP from {BaseWidth}")}";

    internal override bool WidensParameters => true;

    // Embedding, a block, head.
    internal override (ModelOptions Model, int[]? Repeats) Sample() => (this with { Layers = 1 }, [1, Layers, 1]);

    /// <inheritdoc/>
    public override Model Build(DataShape shape)
    {
        ArgumentNullException.ThrowIfNull(shape);
        if (shape.Task != TaskKind.LanguageModel)
        {
            throw new BadInputException(
                $"model.kind gpt predicts the tokens of data.kind text, but the data is for {SnakeCase.Of(shape.Task.ToString())}; use model.kind {(shape.InputShape.Length == 3 ? "cnn or mlp" : "mlp")}, or data.kind text.");
        }

        Validate();
        int context = Context ?? shape.Context;
        if (context < Math.Max(1, shape.Context))
        {
            throw new BadInputException(
                $"model.context is {context} but the data has windows of {shape.Context} tokens; set model.context to at least that, or data.context lower.");
        }

        return new GptModel(this, shape.Outputs, context);
    }

    /// <summary>Checks the settings against each other.</summary>
    /// <exception cref="BadInputException">All contradictions, in one message.</exception>
    public void Validate()
    {
        List<string> faults = [];
        if (Width % Heads != 0)
        {
            faults.Add($"width {Width} is not a multiple of heads {Heads}");
        }
        else if (Positions == PositionKind.Rotary && HeadSize % 2 != 0)
        {
            faults.Add($"rotary positions need an even head size, width {Width} / heads {Heads} is {HeadSize}");
        }

        faults.AddRange(ParametrizationFaults.Of(Parametrization, BaseWidth, BaseHeads));
        if (Heads % Groups != 0)
        {
            faults.Add($"key_value_heads {Groups} does not divide heads {Heads}");
        }

        if (faults.Count > 0)
        {
            throw new BadInputException($"model (gpt): {string.Join("; ", faults)}.");
        }
    }

    ModelOptions IScalableModel.InParametrization(ParametrizationKind kind, int baseWidth) => kind == ParametrizationKind.Mup
        ? this with { Parametrization = kind, BaseWidth = BaseWidth ?? baseWidth }
        : this with { Parametrization = kind, BaseWidth = null, BaseHeads = null };

    // Where the base model has heads of the same size, it is their number that grows.
    ModelOptions IScalableModel.AtWidth(int width)
    {
        bool growsHeads = BaseHeads is { } heads && heads != Heads;
        if (growsHeads && (long)BaseWidth!.Value * Heads != (long)Width * BaseHeads!.Value)
        {
            throw new BadInputException(
                $"model: from base_width {BaseWidth} to width {Width}, heads grow from {BaseHeads} to {Heads} and in size too, so that it isn't known which heads width {width} has; keep their number or their size the same");
        }

        if (growsHeads && (width % HeadSize != 0 || (long)Groups * width % Width != 0))
        {
            throw new BadInputException($"model: width {width} can't have heads of size {HeadSize} in the same groups; give another width");
        }

        return this with
        {
            Width = width,
            Heads = growsHeads ? width / HeadSize : Heads,
            KeyValueHeads = growsHeads && KeyValueHeads is { } groups ? (int)((long)groups * width / Width) : KeyValueHeads,
            Hidden = Hidden is { } hidden ? (int)Math.Round((double)hidden * width / Width) : null,
        };
    }
}
