using System.Runtime.InteropServices;

namespace Descent.Gpu;

/// <summary>What one block of threads does: a stretch of one tensor, <see cref="Elements"/> long except at the tensor's end.</summary>
/// <param name="Tensor">Row of the table.</param>
/// <param name="Number">The stretch begins at this many times <see cref="Elements"/>.</param>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct Piece(int Tensor, int Number)
{
    public const int Bytes = 8, NumberAt = 4;

    /// <summary>
    /// One turn of four elements for each thread of a block, so that the blocks which run at once read one dense stretch of each stream: an AdamW step on an H100 runs at 0.99
    /// of the copy's rate, at 0.98 with two turns and at 0.95 with eight (docs/log.md). The table of pieces is 8 bytes for 28 KiB of AdamW's.
    /// </summary>
    public const int Elements = 4 * Threads;

    /// <summary>Threads in a block.</summary>
    public const int Threads = 256;
}
