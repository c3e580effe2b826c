using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Descent.Training.Checkpoints;

namespace Descent.Cli.Studies;

/// <summary>Where the trials of a study's folder are written down: <c>study.json</c>, so that the folder alone is enough to report on it.</summary>
/// <param name="Study">The study's name in the journal.</param>
/// <param name="Journal">The journal's URL, without a password; none: <c>journal.db</c> in the folder.</param>
internal sealed partial record StudyOrigin(string Study, string? Journal)
{
    private const string FileName = "study.json";

    /// <summary>Writes it down.</summary>
    /// <param name="folder">The study's folder.</param>
    public void Write(string folder) => AtomicFile.WriteAllText(
        Path.Combine(folder, FileName),
        JsonSerializer.Serialize(this with { Journal = Journal is null ? null : Shareable(Journal) }, StudyOriginJson.Default.StudyOrigin) + "\n");

    /// <summary>Reads it; none: the folder has none, or one that can't be read.</summary>
    /// <param name="folder">The study's folder.</param>
    public static StudyOrigin? Read(string folder)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllText(Path.Combine(folder, FileName)), StudyOriginJson.Default.StudyOrigin);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    // A path is meant from where it was given; a password belongs into PGPASSWORD or ~/.pgpass.
    private static string Shareable(string journal) => journal.Contains("://", StringComparison.Ordinal)
        ? Password().Replace(journal, "")
        : journal.StartsWith("sqlite:", StringComparison.OrdinalIgnoreCase) ? "sqlite:" + Path.GetFullPath(journal["sqlite:".Length..])
        : journal.StartsWith("memory:", StringComparison.OrdinalIgnoreCase) ? journal : Path.GetFullPath(journal);

    [GeneratedRegex(@"(?<=^\w+://[^/?@:]*):[^/?@]*(?=@)|(?<=[?&])password=[^&]*&?", RegexOptions.IgnoreCase)]
    private static partial Regex Password();
}

/// <summary>The generated reader and writer of the file.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(StudyOrigin))]
internal sealed partial class StudyOriginJson : JsonSerializerContext;
