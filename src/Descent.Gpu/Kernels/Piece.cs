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
    /// 8 Ki floats: 8 turns of a thread in blocks of <see cref="Threads"/>, which hide what finding the tensor costs; and GPT-2 small is 15,000 blocks, so that the last
    /// wave on a large card (about 1,000 blocks at once) is a small part of the whole. Reckoned, not measured on a card.
    /// </summary>
    public const int Elements = 8 * 1024;

    /// <summary>Threads in a block.</summary>
    public const int Threads = 256;
}
