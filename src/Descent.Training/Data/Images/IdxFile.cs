using System.Buffers.Binary;

namespace Descent.Training.Data;

/// <summary>
/// The IDX format of MNIST (LeCun, Cortes, Burges): two zero bytes, a byte for the type (8: unsigned bytes), a byte for the number of dimensions, each
/// dimension as a big-endian 32-bit number, then the values, last dimension fastest.
/// </summary>
internal static class IdxFile
{
    private const byte UnsignedByte = 8;

    /// <summary>Reads a file of unsigned bytes.</summary>
    /// <param name="path">The file.</param>
    /// <param name="option">Name of the option the path came from, for messages.</param>
    /// <param name="what">What it should hold, for messages.</param>
    /// <param name="dimensions">Allowed numbers of dimensions.</param>
    /// <returns>Dimensions and values.</returns>
    /// <exception cref="BadInputException">The file is missing, of another format, of another size than it says, or its compression is damaged.</exception>
    public static (int[] Dimensions, byte[] Values) Read(string path, string option, string what, params ReadOnlySpan<int> dimensions)
    {
        using Stream stream = DataFile.OpenRead(path, option);
        try
        {
            int[] extents = ReadHeader(stream, path, what, dimensions);
            long length = extents.Aggregate(1L, (product, extent) => product * extent);
            if (length == 0 || length > Array.MaxLength)
            {
                throw new BadInputException(
                    $"{path}: the header says {string.Join(" × ", extents)} values; allowed is 1 to {Array.MaxLength} in all; fetch the file again or split it");
            }

            byte[] values = new byte[length];
            int read = stream.ReadAtLeast(values, values.Length, throwOnEndOfStream: false);
            if (read < length || stream.ReadByte() >= 0)
            {
                throw new BadInputException(
                    $"{path}: the header says {string.Join(" × ", extents)} = {length} values, but there are {(read < length ? read.ToString() : "more")}; fetch the file again");
            }

            return (extents, values);
        }
        catch (Exception exception) when (DataFile.IsDamage(exception))
        {
            throw DataFile.Damaged(path, exception);
        }
    }

    private static int[] ReadHeader(Stream stream, string path, string what, ReadOnlySpan<int> dimensions)
    {
        Span<byte> magic = stackalloc byte[4];
        int read = stream.ReadAtLeast(magic, magic.Length, throwOnEndOfStream: false);
        if (read < magic.Length || magic[0] != 0 || magic[1] != 0 || magic[2] != UnsignedByte || !dimensions.Contains(magic[3]))
        {
            string allowed = string.Join(" or ", dimensions.ToArray().Select(count => $"0x{(UnsignedByte << 8) + count:X8}"));
            throw new BadInputException(
                $"{path}: starts with 0x{Convert.ToHexString(magic[..read])}, so it holds no {what} in IDX format; allowed is {allowed} (unsigned bytes)");
        }

        int[] extents = new int[magic[3]];
        Span<byte> extent = stackalloc byte[4];
        for (int i = 0; i < extents.Length; i++)
        {
            if (stream.ReadAtLeast(extent, extent.Length, throwOnEndOfStream: false) < extent.Length)
            {
                throw new BadInputException($"{path}: ends inside the header; fetch the file again");
            }

            extents[i] = (int)Math.Min(int.MaxValue, BinaryPrimitives.ReadUInt32BigEndian(extent));
        }

        return extents;
    }
}
