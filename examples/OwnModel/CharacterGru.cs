using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace OwnModel;

/// <summary>Any TorchSharp module will do; this one predicts the next byte with a recurrent network.</summary>
internal sealed class CharacterGru : Module<Tensor, Tensor>
{
    private readonly Embedding _embedding;
    private readonly GRU _recurrent;
    private readonly Linear _head;

    public CharacterGru(int symbols, int width)
        : base(nameof(CharacterGru))
    {
        _embedding = Embedding(symbols, width);
        _recurrent = GRU(width, width, batchFirst: true);
        _head = Linear(width, symbols);
        RegisterComponents();
    }

    public override Tensor forward(Tensor symbols_BT)
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor states_BTD, _) = _recurrent.call(_embedding.call(symbols_BT));
        return _head.call(states_BTD).MoveToOuterDisposeScope();
    }
}
