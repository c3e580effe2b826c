using System.IO.Compression;
using Descent.Tuning;

namespace TuneAnything;

/// <summary>What is tuned: a way to compress a text in pieces.</summary>
internal sealed class Compressor(Func<ReadOnlySpan<byte>, int> compress)
{
    public static Compressor Of(Configuration configuration)
    {
        if (configuration.Text("method") == "brotli")
        {
            (int quality, int window) = ((int)configuration.Integer("quality"), (int)configuration.Integer("window"));
            return new Compressor(piece =>
            {
                byte[] compressed = new byte[BrotliEncoder.GetMaxCompressedLength(piece.Length)];
                return BrotliEncoder.TryCompress(piece, compressed, out int written, quality, window) ? written : piece.Length;
            });
        }

        CompressionLevel level = configuration.Text("level") switch
        {
            "fastest" => CompressionLevel.Fastest,
            "optimal" => CompressionLevel.Optimal,
            _ => CompressionLevel.SmallestSize,
        };
        return new Compressor(piece =>
        {
            using MemoryStream compressed = new();
            using (DeflateStream deflate = new(compressed, level, leaveOpen: true))
            {
                deflate.Write(piece);
            }

            return (int)compressed.Length;
        });
    }

    /// <summary>The part of the text's size that is left, and what it costs to unpack a whole piece for one word: a hundredth for each doubling of 1,000 bytes.</summary>
    public double Cost(ReadOnlySpan<byte> text, int piece)
    {
        long size = 0;
        for (int start = 0; start < text.Length; start += piece)
        {
            size += compress(text.Slice(start, Math.Min(piece, text.Length - start)));
        }

        return ((double)size / text.Length) + (0.01 * Math.Log2(piece / 1000.0));
    }
}
