using Descent.Torch;
using Descent.Training.Initialization;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Descent.Training.Models;

/// <summary>
/// A decoder-only transformer: int64 tokens [batch, time] to logits [batch, time, vocabulary]. Parameter names:
/// <c>embedding.tokens</c>, <c>embedding.positions</c>, <c>blocks.N.{attention_norm, attention.qkv, attention.output, mlp_norm, mlp.up |
/// mlp.gate_up, mlp.down}.{weight, bias}</c>, <c>head.norm.{weight, bias}</c>, <c>head.weight</c> (untied only).
/// </summary>
public sealed class GptModel : Model
{
    private readonly TokenEmbedding _embedding;
    private readonly GptBlock[] _blocks;
    private readonly LinearHead _head;
    private readonly RotaryTable? _rotary;

    internal GptModel(GptOptions options, int vocabulary, int context)
        : base(nameof(GptModel))
    {
        Options = options;
        Vocabulary = vocabulary;
        Context = context;
        _rotary = options.Positions == PositionKind.Rotary
            ? new RotaryTable(options.HeadSize, context, options.RopeBase, options.Rotation)
            : null;
        _embedding = Register("embedding", new TokenEmbedding(options, vocabulary, context));
        _blocks = [.. Enumerable.Range(0, options.Layers).Select(_ => new GptBlock(options, _rotary))];
        Register("blocks", nn.ModuleList(_blocks));
        _head = Register("head", new LinearHead(options, vocabulary, options.TiedHead ? _embedding : null));
        Segments = [_embedding, .. _blocks, _head];
    }

    /// <summary>The settings it was built from.</summary>
    public GptOptions Options { get; }

    /// <summary>Number of tokens it knows.</summary>
    public int Vocabulary { get; }

    /// <summary>Longest window in tokens.</summary>
    public int Context { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<nn.Module<Tensor, Tensor>> Segments { get; }

    /// <inheritdoc/>
    public override LinearHead Head => _head;

    /// <inheritdoc/>
    public override double? WidthRatio => Options.WidthRatio;

    internal override string? Multipliers => Options.Folds.Count == 0
        ? null
        : FormattableString.Invariant($"logits {1 / Options.WidthRatio!.Value:R}, queries {Options.QueryMultiplier:R}");

    /// <summary>Empty caches for <see cref="Decode"/>, one a block.</summary>
    internal KeyValueCache[] NewCaches() => [.. _blocks.Select(_ => new KeyValueCache(Context))];

    /// <summary>Logits of the token after <paramref name="tokens_BT"/>, which continue what is in the caches: [batch, vocabulary].</summary>
    internal Tensor Decode(Tensor tokens_BT, KeyValueCache[] caches)
    {
        using IDisposable noGrad = no_grad();
        using DisposeScope scope = NewDisposeScope();
        Tensor x_BTD = _embedding.Embed(tokens_BT, caches[0].Length);
        Storage?.ReleaseParameters(0);
        for (int i = 0; i < _blocks.Length; i++)
        {
            Storage?.PrefetchParameters(i + 2);
            x_BTD = _blocks[i].Run(x_BTD, caches[i]);
            Storage?.ReleaseParameters(i + 1);
        }

        Tensor last_B1D = x_BTD.narrow(1, x_BTD.shape[1] - 1, 1);
        return _head.call(last_B1D).squeeze(1).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    protected override ParameterRole ClassifyParameter(string name, Parameter parameter) => name switch
    {
        "embedding.tokens" or "embedding.positions" => ParameterRole.Embedding,
        "head.weight" => ParameterRole.Head,
        _ => base.ClassifyParameter(name, parameter),
    };

    /// <inheritdoc/>
    protected internal override InitializationOptions DefaultInitialization => new() { Kind = InitializationKind.Gpt2 };

    /// <inheritdoc/>
    protected internal override int ResidualLayers => 2 * _blocks.Length;

    /// <inheritdoc/>
    protected internal override bool WritesResidual(string name) =>
        name.EndsWith("attention.output.weight", StringComparison.Ordinal) || name.EndsWith("mlp.down.weight", StringComparison.Ordinal);

    /// <inheritdoc/>
    protected internal override long[] StackedRows(string name, long rows)
    {
        long keys = (long)Options.Groups * Options.HeadSize;
        return name switch
        {
            _ when name.EndsWith("attention.qkv.weight", StringComparison.Ordinal) => [rows - (2 * keys), keys, keys],
            _ when name.EndsWith("mlp.gate_up.weight", StringComparison.Ordinal) => [rows / 2, rows / 2],
            _ => [rows],
        };
    }

    /// <inheritdoc/>
    protected internal override long HeadRows(string name) =>
        name.EndsWith("attention.qkv.weight", StringComparison.Ordinal) ? Options.HeadSize : 0;

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _rotary?.Dispose();
        }

        base.Dispose(disposing);
    }
}
