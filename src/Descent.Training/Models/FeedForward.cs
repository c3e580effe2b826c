using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Descent.Training.Models;

/// <summary>The feed-forward half of a block: down(gelu(up x)), or down(silu(gate x) ⊙ up x) with gate and up in one matrix.</summary>
internal sealed class FeedForward : Layer
{
    private readonly FeedForwardKind _kind;
    private readonly Linear _up;
    private readonly Linear _down;
    private readonly long[] _halves;

    public FeedForward(GptOptions options)
        : base(nameof(FeedForward))
    {
        _kind = options.Activation;
        int hidden = options.HiddenWidth;
        bool gated = _kind == FeedForwardKind.SwiGlu;
        _halves = [hidden, hidden];
        _up = Register(gated ? "gate_up" : "up", new Linear(options.Width, gated ? 2 * hidden : hidden, options.Bias));
        _down = Register("down", new Linear(hidden, options.Width, options.Bias));
    }

    public override Tensor forward(Tensor x_BTD)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor hidden_BTF = _up.call(x_BTD);
        Tensor active_BTF;
        if (_kind == FeedForwardKind.Gelu)
        {
            active_BTF = hidden_BTF.gelu(GELU.Approximate.tanh);
        }
        else
        {
            Tensor[] halves = hidden_BTF.split(_halves, -1);
            active_BTF = halves[0].silu().mul(halves[1]);
        }

        return _down.call(active_BTF).MoveToOuterDisposeScope();
    }
}
