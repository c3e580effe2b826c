using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Descent.Cli.Bench;

/// <summary>
/// The peer: GPT-2 as one writes it with TorchSharp alone, in its own idioms (Linear, LayerNorm, scaled_dot_product_attention, cross_entropy,
/// optim.AdamW, one dispose scope a step). No Descent code: what <c>descent bench train</c> compares with.
/// </summary>
internal sealed class PlainGpt : Module<Tensor, Tensor>
{
    private readonly Embedding _tokens;
    private readonly Embedding _positions;
    private readonly ModuleList<Module<Tensor, Tensor>> _blocks;
    private readonly LayerNorm _norm;

    public PlainGpt(int vocabulary, int context, int width, int heads, int layers)
        : base(nameof(PlainGpt))
    {
        _tokens = Embedding(vocabulary, width);
        _positions = Embedding(context, width);
        _blocks = ModuleList(Enumerable.Range(0, layers).Select(Module<Tensor, Tensor> (_) => new PlainBlock(width, heads)).ToArray());
        _norm = LayerNorm(width);
        RegisterComponents();
        foreach ((string name, Parameter parameter) in named_parameters())
        {
            if (parameter.dim() >= 2)
            {
                init.normal_(parameter, 0, 0.02);
            }
        }
    }

    public override Tensor forward(Tensor tokens_BT)
    {
        Tensor positions_T = arange(tokens_BT.shape[1]);
        Tensor x_BTD = _tokens.call(tokens_BT) + _positions.call(positions_T);
        foreach (Module<Tensor, Tensor> block in _blocks)
        {
            x_BTD = block.call(x_BTD);
        }

        return functional.linear(_norm.call(x_BTD), _tokens.weight!);
    }

    /// <summary>One step of the plain loop: forward, backward, AdamW.</summary>
    public float Step(optim.Optimizer optimizer, Tensor inputs, Tensor targets)
    {
        using DisposeScope scope = NewDisposeScope();
        optimizer.zero_grad();
        Tensor logits_BTV = call(inputs);
        Tensor loss = functional.cross_entropy(logits_BTV.view(-1, logits_BTV.shape[^1]), targets.view(-1));
        loss.backward();
        optimizer.step();
        return loss.item<float>();
    }

    private sealed class PlainBlock : Module<Tensor, Tensor>
    {
        private readonly int _heads;
        private readonly LayerNorm _norm1;
        private readonly Linear _qkv;
        private readonly Linear _output;
        private readonly LayerNorm _norm2;
        private readonly Linear _up;
        private readonly Linear _down;

        public PlainBlock(int width, int heads)
            : base(nameof(PlainBlock))
        {
            _heads = heads;
            _norm1 = LayerNorm(width);
            _qkv = Linear(width, 3 * width);
            _output = Linear(width, width);
            _norm2 = LayerNorm(width);
            _up = Linear(width, 4 * width);
            _down = Linear(4 * width, width);
            RegisterComponents();
        }

        public override Tensor forward(Tensor x_BTD)
        {
            long batch = x_BTD.shape[0], time = x_BTD.shape[1], width = x_BTD.shape[2];
            Tensor[] qkv = _qkv.call(_norm1.call(x_BTD)).chunk(3, -1);
            Tensor Heads(Tensor part) => part.view(batch, time, _heads, width / _heads).transpose(1, 2);
            Tensor mixed = functional.scaled_dot_product_attention(Heads(qkv[0]), Heads(qkv[1]), Heads(qkv[2]), is_casual: true);
            x_BTD = x_BTD + _output.call(mixed.transpose(1, 2).reshape(batch, time, width));
            return x_BTD + _down.call(functional.gelu(_up.call(_norm2.call(x_BTD))));
        }
    }
}
