using System.Runtime.CompilerServices;

namespace Descent.Optimizers;

/// <summary>A tensor on its way through <see cref="StagedTraversal{TRule, TPrologue}"/>: what a piece of work looks up once.</summary>
internal readonly unsafe ref struct StagedTensor
{
    private const int ParameterStream = 4; // after the states
    private readonly Addresses _addresses;
    private readonly Roundings _roundings;

    /// <param name="slot">The tensor.</param>
    /// <param name="type">The parameter's type.</param>
    /// <param name="nonNegative">Of each of the rule's states.</param>
    /// <param name="step">The step, for the rounding.</param>
    public StagedTensor(ref readonly TensorSlot slot, ElementType type, ReadOnlySpan<bool> nonNegative, long step)
    {
        Slot = ref slot;
        Codec = StateCodec.Of(slot.Format);
        ParameterIsBfloat16 = type == ElementType.Bfloat16;
        GradientIsBfloat16 = (slot.GradientType ?? type) == ElementType.Bfloat16;
        ParameterRounding = StochasticRounding.Of(slot.Key, step, ParameterStream);
        for (int state = 0; state < nonNegative.Length; state++)
        {
            _addresses[state] = new StateAddress((byte*)slot.State(state), slot.Scales(state), nonNegative[state]);
            _roundings[state] = StochasticRounding.Of(slot.Key, step, state);
        }
    }

    public readonly ref readonly TensorSlot Slot;

    public StateCodec Codec { get; }

    public bool ParameterIsBfloat16 { get; }

    public bool GradientIsBfloat16 { get; }

    public StochasticRounding ParameterRounding { get; }

    /// <summary>
    /// Whether elements lie on both sides of a multiple of 2³²: the rounding's counter has 32 bits, and there its key changes.
    /// </summary>
    public bool Crosses(long offset, long count) => offset >> 32 != (offset + count - 1) >> 32;

    public StateAddress Address(int state) => _addresses[state];

    public StochasticRounding Rounding(int state) => _roundings[state];

    [InlineArray(4)]
    private struct Addresses
    {
        private StateAddress _first;
    }

    [InlineArray(4)]
    private struct Roundings
    {
        private StochasticRounding _first;
    }
}
