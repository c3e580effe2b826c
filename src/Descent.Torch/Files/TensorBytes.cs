using TorchSharp;
using static TorchSharp.torch;

namespace Descent.Torch;

/// <summary>The bytes of a tensor of any size; one span cannot be longer than 2 GB, so they go in pieces.</summary>
internal static class TensorBytes
{
    private const long PieceBytes = 256L << 20;

    /// <summary>Fills a contiguous tensor on the CPU from where <paramref name="stream"/> stands.</summary>
    /// <exception cref="InvalidDataException">The stream ends early; the message names <paramref name="path"/>.</exception>
    public static void Read(Stream stream, Tensor tensor, string path)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor flat = tensor.view(-1);
        long piece = PieceBytes / flat.element_size();
        for (long start = 0; start < flat.NumberOfElements; start += piece)
        {
            try
            {
                stream.ReadExactly(flat.narrow(0, start, Math.Min(piece, flat.NumberOfElements - start)).bytes);
            }
            catch (EndOfStreamException exception)
            {
                throw new InvalidDataException($"{path}: the file ends before its data does; it is damaged, take another copy", exception);
            }
        }
    }
}
