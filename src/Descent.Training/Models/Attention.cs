using TorchSharp;
using static TorchSharp.torch;

namespace Descent.Training.Models;

/// <summary>
/// Causal self-attention: softmax(q kᵀ/√size) v, or under muP softmax(q kᵀ √(base size)/size) v, with query, key and value in one product and libtorch's flash kernel, which never holds the
/// T × T weights.
/// </summary>
internal sealed class Attention : Layer
{
    private readonly int _heads;
    private readonly int _groups;
    private readonly int _headSize;
    private readonly long[] _parts;
    private readonly RotaryTable? _rotary;
    private readonly Scalar? _queryMultiplier;
    private readonly Linear _qkv;
    private readonly Linear _output;

    public Attention(GptOptions options, RotaryTable? rotary)
        : base(nameof(Attention))
    {
        _heads = options.Heads;
        _groups = options.Groups;
        _headSize = options.HeadSize;
        _rotary = rotary;
        _queryMultiplier = options.QueryMultiplier == 1 ? null : options.QueryMultiplier.ToScalar();

        // Queries and keys stay together in one part where both are rotated: one rotation a block instead of two.
        int queries = _heads * _headSize;
        int keys = _groups * _headSize;
        _parts = rotary is null ? [queries, keys, keys] : [queries + keys, keys];
        _qkv = Register("qkv", new Linear(options.Width, queries + (2 * keys), options.Bias));
        _output = Register("output", new Linear(queries, options.Width, options.Bias));
    }

    public override Tensor forward(Tensor x_BTD) => Attend(x_BTD, null);

    /// <summary>Attends to the tokens in the cache too, and adds the new ones to it. Without gradients.</summary>
    public Tensor Attend(Tensor x_BTD, KeyValueCache? cache)
    {
        using DisposeScope scope = NewDisposeScope();
        long batch = x_BTD.shape[0];
        long time = x_BTD.shape[1];
        var (q_BHTS, k_BGTS, v_BGTS) = Project(_qkv.call(x_BTD), cache?.Length ?? 0);

        if (_queryMultiplier is not null)
        {
            q_BHTS = q_BHTS.mul(_queryMultiplier);
        }

        // A single new token sees all of the past; several at once are only ever the first ones.
        bool causal = true;
        if (cache is not null)
        {
            causal = cache.Length == 0;
            (k_BGTS, v_BGTS) = cache.Append(k_BGTS, v_BGTS);
        }

        if (_groups != _heads)
        {
            k_BGTS = Repeat(k_BGTS);
            v_BGTS = Repeat(v_BGTS);
        }

        Tensor mixed_BHTS = nn.functional.scaled_dot_product_attention(q_BHTS, k_BGTS, v_BGTS, is_casual: causal);
        Tensor mixed_BTD = mixed_BHTS.transpose(1, 2).reshape(batch, time, _heads * _headSize);
        return _output.call(mixed_BTD).MoveToOuterDisposeScope();
    }

    private (Tensor Q_BHTS, Tensor K_BGTS, Tensor V_BGTS) Project(Tensor qkv_BTE, long start)
    {
        long batch = qkv_BTE.shape[0];
        long time = qkv_BTE.shape[1];
        Tensor[] parts = qkv_BTE.split(_parts, -1);
        Tensor q_BTHS, k_BTGS;
        if (_rotary is null)
        {
            q_BTHS = parts[0].view(batch, time, _heads, _headSize);
            k_BTGS = parts[1].view(batch, time, _groups, _headSize);
        }
        else
        {
            Tensor turned = _rotary.Rotate(parts[0].view(batch, time, _heads + _groups, _headSize), start);
            Tensor[] split = turned.split([_heads, _groups], 2);
            (q_BTHS, k_BTGS) = (split[0], split[1]);
        }

        Tensor v_BTGS = parts[^1].view(batch, time, _groups, _headSize);
        return (q_BTHS.transpose(1, 2), k_BTGS.transpose(1, 2), v_BTGS.transpose(1, 2));
    }

    private Tensor Repeat(Tensor x_BGTS)
    {
        long[] shape = x_BGTS.shape;
        return x_BGTS.unsqueeze(2).expand(shape[0], _groups, _heads / _groups, shape[2], shape[3]).reshape(shape[0], _heads, shape[2], shape[3]);
    }
}
