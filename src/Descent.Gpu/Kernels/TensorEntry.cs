using System.Runtime.InteropServices;

namespace Descent.Gpu;

/// <summary>One tensor in the table that a launch reads: addresses on the card, length, own gradient scale.</summary>
[StructLayout(LayoutKind.Sequential, Size = Bytes)]
internal record struct TensorEntry
{
    public const int Bytes = 72;
    public const int GradientAt = 8, State0At = 16, State1At = 24, State2At = 32, State3At = 40, LengthAt = 48, ScaleAt = 56, AlignedAt = 64;

    public long Parameter;
    public long Gradient;
    public long State0;
    public long State1;
    public long State2;
    public long State3;
    public long Length;
    public double Scale;

    /// <summary>1 where every address is a multiple of 16, so that threads may move four floats at a time.</summary>
    public long Aligned;
}
