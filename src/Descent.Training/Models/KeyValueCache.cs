using static TorchSharp.torch;

namespace Descent.Training.Models;

/// <summary>Keys and values of the tokens seen so far in one attention layer, for generation: [1, groups, capacity, size] each.</summary>
internal sealed class KeyValueCache(int capacity) : IDisposable
{
    private Tensor? _keys_BGCS;
    private Tensor? _values_BGCS;

    /// <summary>Tokens held.</summary>
    public long Length { get; private set; }

    /// <summary>Adds tokens and gives views of all that are held.</summary>
    public (Tensor Keys, Tensor Values) Append(Tensor k_BGTS, Tensor v_BGTS)
    {
        long[] shape = k_BGTS.shape;
        long time = shape[2];
        _keys_BGCS ??= k_BGTS.new_empty([shape[0], shape[1], capacity, shape[3]]).DetachFromDisposeScope();
        _values_BGCS ??= v_BGTS.new_empty([shape[0], shape[1], capacity, shape[3]]).DetachFromDisposeScope();
        _keys_BGCS.narrow(2, Length, time).copy_(k_BGTS);
        _values_BGCS.narrow(2, Length, time).copy_(v_BGTS);
        Length += time;
        return (_keys_BGCS.narrow(2, 0, Length), _values_BGCS.narrow(2, 0, Length));
    }

    /// <summary>Forgets all tokens; the memory stays.</summary>
    public void Clear() => Length = 0;

    public void Dispose()
    {
        _keys_BGCS?.Dispose();
        _values_BGCS?.Dispose();
    }
}
