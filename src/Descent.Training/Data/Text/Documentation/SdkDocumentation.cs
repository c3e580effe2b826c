using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using System.Text;

namespace Descent.Training.Data;

/// <summary>
/// The built-in default text, real English that every machine with the .NET SDK has: the XML documentation of its reference assemblies.
/// </summary>
/// <remarks>
/// Documentation repeats itself: every pack ships the same files, and overloads share their sentences. A repeated sentence would teach a model to recite, and
/// one repeated in the held-out part would flatter it, so of all entries with one summary only the first is kept, and so is any other line of a
/// sentence's length. Held out are whole types with all their members, as neighbouring members resemble one another, chosen by a hash of the name.
/// </remarks>
internal static class SdkDocumentation
{
    // Shorter lines ("value: The value to write.") are turns of phrase that prose on this subject repeats.
    private const int SentenceLength = 40;

    /// <summary>Reads and splits.</summary>
    /// <param name="maximumBytes">Most bytes of text; a fixed choice of types, spread over all assemblies. Null reads all.</param>
    /// <param name="heldOut">Fraction of the bytes to hold out; 0 for none.</param>
    /// <exception cref="BadInputException">There is no documentation on this machine.</exception>
    public static TextCorpus Read(long? maximumBytes, double heldOut) => Read(ReferencePacks.Find(), maximumBytes, heldOut);

    /// <summary>Reads and splits the given files.</summary>
    /// <param name="files">Documentation files in a fixed order.</param>
    /// <param name="maximumBytes">Most bytes of text.</param>
    /// <param name="heldOut">Fraction of the bytes to hold out.</param>
    internal static TextCorpus Read(string[] files, long? maximumBytes, double heldOut)
    {
        (string Type, byte[] Text)[] types = [.. ReadTypes(files).OrderBy(type => HashOf(type.Type)).ThenBy(type => type.Type, StringComparer.Ordinal)];
        long limit = Math.Min(maximumBytes ?? long.MaxValue, types.Sum(type => (long)type.Text.Length));
        long validationLimit = (long)(limit * heldOut);
        var training = new List<(string Type, byte[] Text)>();
        var validation = new List<(string Type, byte[] Text)>();
        long bytes = 0;
        foreach ((string Type, byte[] Text) type in types)
        {
            bytes += type.Text.Length;
            if (bytes > limit)
            {
                break;
            }

            (bytes <= validationLimit ? validation : training).Add(type);
        }

        return new TextCorpus(InOrder(training), InOrder(validation), $"XML documentation of the .NET SDK ({training.Count + validation.Count} types)");
    }

    private static IEnumerable<(string Type, byte[] Text)> ReadTypes(string[] files)
    {
        var entries = new List<DocumentationEntry>[files.Length];

        // Longest first, so that no core ends with a long file alone.
        int[] order = [.. Enumerable.Range(0, files.Length).OrderByDescending(i => new FileInfo(files[i]).Length)];
        try
        {
            Parallel.ForEach(Partitioner.Create(order, loadBalance: true), i => entries[i] = DocumentationReader.Read(files[i]));
        }
        catch (AggregateException exception)
        {
            // One bad file is enough to tell about.
            ExceptionDispatchInfo.Throw(exception.Flatten().InnerExceptions[0]);
        }

        var sentences = new HashSet<string>(StringComparer.Ordinal);
        return entries
            .SelectMany(file => file)
            .Where(entry => sentences.Add(entry.Summary))
            .Select(entry => (entry.Type, Text: Compose(entry, sentences)))
            .GroupBy(entry => entry.Type, StringComparer.Ordinal)
            .Select(type => (type.Key, Encoding.UTF8.GetBytes(string.Concat(type.Select(entry => entry.Text)))));
    }

    private static string Compose(DocumentationEntry entry, HashSet<string> sentences)
    {
        var text = new StringBuilder(entry.Signature).Append('\n').Append(entry.Summary).Append('\n');
        foreach (string line in entry.Details)
        {
            if (line.Length < SentenceLength || sentences.Add(line))
            {
                text.Append(line).Append('\n');
            }
        }

        return text.Append('\n').ToString();
    }

    private static IReadOnlyList<ReadOnlyMemory<byte>> InOrder(List<(string Type, byte[] Text)> types) =>
        [.. types.OrderBy(type => type.Type, StringComparer.Ordinal).Select(type => (ReadOnlyMemory<byte>)type.Text)];

    private static ulong HashOf(string name) => name.Aggregate(0UL, (hash, character) => CounterHash.Mix(hash ^ character));
}
