namespace Descent.Gpu.Tests.Machine;

/// <summary>A thread of a block: its registers as raw bits, and where it stands.</summary>
internal sealed class PtxThread(int registers, byte[][] parameters)
{
    public ulong[] Registers { get; } = new ulong[registers];

    public byte[][] Parameters => parameters;

    public uint Block { get; set; }

    public uint Number { get; set; }

    public uint BlockSize { get; set; }

    /// <summary>The instruction that comes next.</summary>
    public int Next { get; set; }
}
