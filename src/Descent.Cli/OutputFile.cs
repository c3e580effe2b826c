using Descent.Training;

namespace Descent.Cli;

/// <summary>Files that a person names with --output: one that holds something else is most likely a slip, and isn't written over.</summary>
internal static class OutputFile
{
    /// <summary>Refuses to write over a page's file that is no page.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="BadInputException">It is something else.</exception>
    public static void RequirePage(string path) => Require(path, "HTML", static head => head.TrimStart("\uFEFF \t\r\n"u8) is [(byte)'<', ..]);

    /// <summary>Refuses to write over a file of weights that holds none.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="BadInputException">It is something else.</exception>
    public static void RequireSafetensors(string path) => Require(path, "safetensors", static head => head is [_, _, _, _, _, _, _, _, (byte)'{', ..]);

    private static void Require(string path, string kind, IsKind isKind)
    {
        if (Directory.Exists(path))
        {
            throw new BadInputException($"{path}: is a folder; choose a file with --output");
        }

        if (!File.Exists(path))
        {
            return;
        }

        byte[] head = new byte[64];
        int read;
        using (FileStream file = File.OpenRead(path))
        {
            read = file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
        }

        // An empty one holds nothing to lose.
        if (read > 0 && !isKind(head.AsSpan(0, read)))
        {
            throw new BadInputException($"{path}: is there already, and holds no {kind}; choose another file with --output, or remove it");
        }
    }

    private delegate bool IsKind(ReadOnlySpan<byte> head);
}
