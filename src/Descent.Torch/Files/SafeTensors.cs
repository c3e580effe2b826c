using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Json;
using TorchSharp;
using static TorchSharp.torch;

namespace Descent.Torch;

/// <summary>
/// Writes tensors in the safetensors format: eight bytes of header length, a JSON header, then the tensors' bytes, little endian,
/// row major, without gaps. What any framework reads without running code.
/// </summary>
public static class SafeTensors
{
    // One span cannot be longer than 2 GB; larger tensors go out in pieces.
    private const long PieceBytes = 256L << 20;

    /// <summary>Writes <paramref name="tensors"/> to <paramref name="path"/> and flushes them to the disk.</summary>
    /// <param name="path">The file; it is overwritten. Write to a temporary name and rename where a torn file would hurt.</param>
    /// <param name="tensors">Names and tensors, on any device; non-contiguous ones are copied piece by piece.</param>
    /// <param name="metadata">Free text entries for the header.</param>
    /// <returns>The SHA-256 of the file, as lower-case hexadecimal digits.</returns>
    public static string Write(string path, IEnumerable<(string Name, Tensor Tensor)> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        (string Name, Tensor Tensor)[] entries = tensors.ToArray();
        using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        Emit(HeaderOf(entries, metadata));
        foreach ((_, Tensor tensor) in entries)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor flat = tensor.detach().cpu().contiguous().view(-1);
            long piece = PieceBytes / flat.element_size();
            for (long start = 0; start < flat.NumberOfElements; start += piece)
            {
                Emit(flat.narrow(0, start, Math.Min(piece, flat.NumberOfElements - start)).bytes);
            }

            MappedArena.Release(tensor, modified: false);
        }

        file.Flush(flushToDisk: true);
        return Convert.ToHexStringLower(sha.GetHashAndReset());

        void Emit(ReadOnlySpan<byte> bytes)
        {
            sha.AppendData(bytes);
            file.Write(bytes);
        }
    }

    private static byte[] HeaderOf((string Name, Tensor Tensor)[] entries, IReadOnlyDictionary<string, string>? metadata)
    {
        using var stream = new MemoryStream();
        stream.Write(new byte[8]);
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            if (metadata is { Count: > 0 })
            {
                json.WriteStartObject("__metadata__");
                foreach ((string key, string value) in metadata)
                {
                    json.WriteString(key, value);
                }

                json.WriteEndObject();
            }

            long offset = 0;
            foreach ((string name, Tensor tensor) in entries)
            {
                long bytes = tensor.NumberOfElements * tensor.element_size();
                json.WriteStartObject(name);
                json.WriteString("dtype", SafeTensorsType.NameOf(tensor.dtype));
                json.WriteStartArray("shape");
                foreach (long size in tensor.shape)
                {
                    json.WriteNumberValue(size);
                }

                json.WriteEndArray();
                json.WriteStartArray("data_offsets");
                json.WriteNumberValue(offset);
                json.WriteNumberValue(offset + bytes);
                json.WriteEndArray();
                json.WriteEndObject();
                offset += bytes;
            }

            json.WriteEndObject();
        }

        // Spaces up to a multiple of eight keep the tensors aligned for readers that map the file.
        while (stream.Length % 8 != 0)
        {
            stream.WriteByte((byte)' ');
        }

        byte[] header = stream.ToArray();
        BinaryPrimitives.WriteInt64LittleEndian(header, header.Length - 8);
        return header;
    }
}
