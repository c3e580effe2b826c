using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Descent.Training.Data;

/// <summary>GPT-2's two files of a byte-pair tokenizer: <c>vocab.json</c> (entry → number) and <c>merges.txt</c> (pairs in order of rank).</summary>
internal static class TokenizerFiles
{
    /// <summary>File of entries and their numbers.</summary>
    public const string Vocabulary = "vocab.json";

    /// <summary>File of merges, one a line.</summary>
    public const string Merges = "merges.txt";

    private const string MergesHeader = "#version: 0.2";

    private static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes both files.</summary>
    /// <param name="folder">Created where it is missing.</param>
    /// <param name="vocabulary">Entries and their numbers.</param>
    /// <param name="merges">Pairs of entries in order of rank.</param>
    public static void Write(string folder, IReadOnlyDictionary<string, int> vocabulary, IEnumerable<string> merges)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, Vocabulary), JsonSerializer.Serialize(vocabulary, Json));
        File.WriteAllText(Path.Combine(folder, Merges), string.Join('\n', [MergesHeader, .. merges, string.Empty]));
    }

    /// <summary>Reads both files.</summary>
    /// <param name="folder">The folder, or one of the two files in it.</param>
    /// <returns>Entries with their numbers, and merges in order of rank.</returns>
    /// <exception cref="BadInputException">A file is missing or isn't what it should be.</exception>
    public static (Dictionary<string, int> Vocabulary, List<string> Merges) Read(string folder)
    {
        if (File.Exists(folder))
        {
            folder = Path.GetDirectoryName(Path.GetFullPath(folder))!;
        }

        string vocabularyPath = Path.Combine(folder, Vocabulary);
        string mergesPath = Path.Combine(folder, Merges);
        foreach (string path in (string[])[vocabularyPath, mergesPath])
        {
            if (!File.Exists(path))
            {
                throw new BadInputException(
                    $"data.tokenizer: {path} does not exist; allowed are 'byte', 'bpe' or a folder with {Vocabulary} and {Merges} (GPT-2's format)");
            }
        }

        return (ReadVocabulary(vocabularyPath), ReadMerges(mergesPath));
    }

    private static Dictionary<string, int> ReadVocabulary(string path)
    {
        Dictionary<string, int>? entries;
        try
        {
            entries = JsonSerializer.Deserialize<Dictionary<string, int>>(File.ReadAllText(path, Encoding.UTF8), Json);
        }
        catch (JsonException exception)
        {
            throw new BadInputException(
                $"{path}, line {exception.LineNumber + 1}: not a JSON object of entries and their numbers; save the tokenizer again", exception);
        }

        if (entries is null || !entries.Values.Order().SequenceEqual(Enumerable.Range(0, entries.Count)))
        {
            throw new BadInputException($"{path}: the numbers of the {entries?.Count ?? 0} entries are not 0, 1, 2 … each once; save the tokenizer again");
        }

        return entries;
    }

    private static List<string> ReadMerges(string path)
    {
        string[] lines = File.ReadAllLines(path, Encoding.UTF8);
        var merges = new List<string>(lines.Length);
        for (int i = 0; i < lines.Length; i++)
        {
            if (lines[i].Length == 0 || (i == 0 && lines[i].StartsWith("#version", StringComparison.Ordinal)))
            {
                continue;
            }

            if (lines[i].Split(' ') is not [{ Length: > 0 }, { Length: > 0 }])
            {
                throw new BadInputException($"{path}, line {i + 1}: '{lines[i]}' is not two entries with a space between them; save the tokenizer again");
            }

            merges.Add(lines[i]);
        }

        return merges;
    }
}
