using System.Text;
using System.Text.Unicode;

namespace Descent.Training.Data;

/// <summary>Reads text from a file or from all text files of a folder.</summary>
/// <remarks>
/// What is held out is the tail of every file, cut at the start of a line: contiguous, so that no window of the validation text overlaps one of the training
/// text, and from every file, so that both parts hold the same kinds of text. Texts end in a blank line where another one follows.
/// </remarks>
internal static class TextFiles
{
    /// <summary>Extensions that a folder is searched for; a file that is named itself may have any.</summary>
    public static readonly string[] Extensions =
    [
        ".txt", ".text", ".md", ".markdown", ".rst", ".adoc", ".org", ".tex",
        ".cs", ".fs", ".vb", ".py", ".js", ".ts", ".java", ".c", ".h", ".cpp", ".hpp", ".go", ".rs", ".rb", ".sh", ".sql",
    ];

    private static readonly byte[] Separator = "\n\n"u8.ToArray();

    /// <summary>Reads and splits.</summary>
    /// <param name="path">A file, or a folder that is searched with its subfolders, hidden ones left out, in the order of names.</param>
    /// <param name="option">Name of the option the path came from, for messages.</param>
    /// <param name="maximumBytes">Most bytes to read; every file gives its share from its start.</param>
    /// <param name="heldOut">Fraction of every file to hold out; 0 for none.</param>
    /// <exception cref="BadInputException">Nothing to read, or not UTF-8.</exception>
    public static TextCorpus Read(string path, string option, long? maximumBytes, double heldOut)
    {
        string[] files = Find(path, option);
        double share = Share(files, path, option, maximumBytes);
        var training = new List<ReadOnlyMemory<byte>>();
        var validation = new List<ReadOnlyMemory<byte>>();
        foreach (string file in files)
        {
            ReadOnlyMemory<byte> text = ReadFile(file, option, share);
            int cut = StartOfLine(text.Span, (int)(text.Length * (1 - heldOut)));
            Append(training, text[..cut]);
            Append(validation, text[cut..]);
        }

        if (training.Count == 0)
        {
            throw new BadInputException($"{option}: {path} holds no text ({files.Length} {(files.Length == 1 ? "file" : "files")}, all empty or white space); give a file or folder that does");
        }

        return new TextCorpus(Separate(training), Separate(validation), files.Length == 1 ? files[0] : $"{path} ({files.Length} files)");
    }

    private static string[] Find(string path, string option)
    {
        if (File.Exists(path))
        {
            return [path];
        }

        if (!Directory.Exists(path))
        {
            throw new BadInputException($"{option}: {path} does not exist; give the path of a text file or a folder of them");
        }

        var search = new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.Hidden | FileAttributes.System };
        string[] files = [.. Directory.EnumerateFiles(path, "*", search)
            .Where(file => Extensions.Contains(Path.GetExtension(file), StringComparer.OrdinalIgnoreCase))
            .Order(StringComparer.Ordinal)];
        return files.Length > 0
            ? files
            : throw new BadInputException($"{option}: the folder {path} has no text file; searched for are {string.Join(' ', Extensions)}");
    }

    /// <summary>Which fraction of every file may be read; refuses what arrays can't hold.</summary>
    private static double Share(string[] files, string path, string option, long? maximumBytes)
    {
        long total = files.Sum(file => new FileInfo(file).Length);
        if (Math.Min(total, maximumBytes ?? total) > Array.MaxLength / 2)
        {
            throw new BadInputException(
                $"{option}: {path} has {total} bytes; allowed are {Array.MaxLength / 2}: set data.maximum_bytes to read a part of every file");
        }

        return maximumBytes < total ? (double)maximumBytes.Value / total : 1;
    }

    private static ReadOnlyMemory<byte> ReadFile(string path, string option, double share)
    {
        ReadOnlyMemory<byte> text = ReadBytes(path, option, share);
        int mark = text.Span.StartsWith(Encoding.UTF8.Preamble) ? Encoding.UTF8.Preamble.Length : 0;
        text = text[mark..];
        if (share < 1 && text.Length > 0)
        {
            text = text[..StartOfLine(text.Span, text.Length - 1)];
        }

        if (!Utf8.IsValid(text.Span))
        {
            int offset = FirstInvalid(text.Span);
            throw new BadInputException(
                $"{option}: {path}, byte {offset + mark}: 0x{text.Span[offset]:X2} is not valid UTF-8 there; convert the file, for example with iconv -t UTF-8");
        }

        return text;
    }

    private static ReadOnlyMemory<byte> ReadBytes(string path, string option, double share)
    {
        using Stream stream = DataFile.OpenRead(path, option);
        if (stream is FileStream)
        {
            byte[] buffer = new byte[(int)(stream.Length * share)];
            return buffer.AsMemory(0, stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false));
        }

        using var unzipped = new MemoryStream();
        try
        {
            stream.CopyTo(unzipped);
        }
        catch (Exception exception) when (DataFile.IsDamage(exception))
        {
            throw DataFile.Damaged(path, exception);
        }

        return unzipped.GetBuffer().AsMemory(0, (int)(unzipped.Length * share));
    }

    private static int FirstInvalid(ReadOnlySpan<byte> text)
    {
        int offset = 0;
        while (Rune.DecodeFromUtf8(text[offset..], out _, out int used) == System.Buffers.OperationStatus.Done)
        {
            offset += used;
        }

        return offset;
    }

    /// <summary>The start of the last line that begins at or before a place; where there is only one long line, a whole character.</summary>
    internal static int StartOfLine(ReadOnlySpan<byte> text, int place)
    {
        if (place == text.Length)
        {
            return place;
        }

        int line = text[..place].LastIndexOf((byte)'\n') + 1;
        if (line > place / 2)
        {
            return line;
        }

        // 10xxxxxx continues a character.
        while (place > 0 && (text[place] & 0xC0) == 0x80)
        {
            place--;
        }

        return place;
    }

    private static void Append(List<ReadOnlyMemory<byte>> texts, ReadOnlyMemory<byte> text)
    {
        if (text.Span.ContainsAnyExcept(" \t\r\n"u8))
        {
            texts.Add(text);
        }
    }

    private static List<ReadOnlyMemory<byte>> Separate(List<ReadOnlyMemory<byte>> texts)
    {
        for (int i = 0; i + 1 < texts.Count; i++)
        {
            if (!texts[i].Span.EndsWith(Separator))
            {
                texts[i] = (byte[])[.. texts[i].Span, .. Separator];
            }
        }

        return texts;
    }
}
