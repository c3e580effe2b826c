using System.Security.Cryptography;
using System.Text;

namespace Descent.Training.Data;

/// <summary>
/// Learned tokenizers in a folder, so that the trials of a study, which read the same text, learn one once. An entry's name is a digest of all that decides what is learned, its folder appears complete or
/// not at all, and of several processes that miss the same entry one learns it while the others wait.
/// </summary>
public static class TokenizerCache
{
    /// <summary>The environment variable that names the folder; without it, or empty, nothing is kept. <c>descent tune</c> sets it for its trials, unless it is set.</summary>
    public const string Variable = "DESCENT_TOKENIZERS";

    // Another way to learn would make another tokenizer of the same text.
    private const string Format = "bpe-1";

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);

    /// <summary>The folder that the environment names; none: nothing is kept.</summary>
    internal static string? Folder => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } folder ? folder : null;

    /// <summary>The tokenizer of a text: from the folder, or learned and kept there.</summary>
    /// <param name="folder">The folder; none: it is learned.</param>
    /// <param name="texts">The text that it is learned from.</param>
    /// <param name="settings">Whatever else decides what is learned.</param>
    /// <param name="learn">Learns it.</param>
    internal static ITokenizer Get(string? folder, IReadOnlyList<ReadOnlyMemory<byte>> texts, string settings, Func<ITokenizer> learn)
    {
        if (folder is null)
        {
            return learn();
        }

        string entry = Path.Combine(folder, Key(texts, settings));
        if (Find(entry) is { } known)
        {
            return known;
        }

        ITokenizer? learned = null;
        try
        {
            Directory.CreateDirectory(folder);
            using FileStream alone = Lock(entry + ".lock");
            if (Find(entry) is { } learnedMeanwhile)
            {
                return learnedMeanwhile;
            }

            learned = learn();
            Keep(learned, entry);
            return learned;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // A cache that can't be written costs time, not the run.
            return learned ?? learn();
        }
    }

    private static string Key(IReadOnlyList<ReadOnlyMemory<byte>> texts, string settings)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{Format}\n{settings}\n"));
        foreach (ReadOnlyMemory<byte> text in texts)
        {
            hash.AppendData(BitConverter.GetBytes(text.Length));
            hash.AppendData(text.Span);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset())[..32];
    }

    private static ITokenizer? Find(string entry)
    {
        try
        {
            return Directory.Exists(entry) ? Tokenizers.Load(entry) : null;
        }
        catch (Exception exception) when (exception is BadInputException or IOException or UnauthorizedAccessException)
        {
            // Damaged, by a loss of power perhaps: it is learned again.
            return null;
        }
    }

    // Held by an open file, which the system closes with its process however that ends. The file itself stays: who removed it would let in a third beside one that waits on the old one.
    private static FileStream Lock(string path)
    {
        while (true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (File.Exists(path))
            {
                Thread.Sleep(Interval);
            }
        }
    }

    private static void Keep(ITokenizer tokenizer, string entry)
    {
        string made = $"{entry}.{Guid.NewGuid():N}.tmp";
        try
        {
            tokenizer.Save(made);
            if (Directory.Exists(entry))
            {
                Directory.Delete(entry, recursive: true);
            }

            Directory.Move(made, entry);
        }
        catch when (Directory.Exists(made))
        {
            Directory.Delete(made, recursive: true);
            throw;
        }
    }
}
