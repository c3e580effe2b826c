using Descent.Cli.Report;
using Descent.Cli.Tuning;
using Descent.Journal;
using Descent.Training;
using Descent.Tuning;

namespace Descent.Cli.Studies;

/// <summary>Writes the page about a study: from its folder, or from its journal alone where it was made by a program of one's own.</summary>
internal static class StudyReport
{
    private const string StreamPrefix = "study/";

    /// <summary>Whether a folder is one of a study.</summary>
    /// <param name="folder">The folder.</param>
    public static bool IsStudy(string folder) => File.Exists(Path.Combine(folder, "study.yaml")) || File.Exists(Path.Combine(folder, "journal.db"));

    /// <summary>Writes the page of a study that is open.</summary>
    /// <param name="study">The study.</param>
    /// <param name="text">What its trials don't say.</param>
    /// <param name="output">The file.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="BadInputException">The file can't be written.</exception>
    public static async Task WriteAsync(Study study, StudyText text, string output, CancellationToken cancellation)
    {
        string page = await study.ViewAsync(history => StudyPage.Render(history, text, DateTimeOffset.UtcNow), cancellation).ConfigureAwait(false);
        Page.Save(page, output);
    }

    /// <summary>Writes the page of a study's folder, and beside it the one with the curves of its best runs.</summary>
    /// <param name="folder">The folder that <c>descent tune</c> made.</param>
    /// <param name="journal">The journal's URL; none: as the folder says.</param>
    /// <param name="name">The study's name; none: as the folder says.</param>
    /// <param name="output">The page's file.</param>
    /// <exception cref="BadInputException">There is no such study.</exception>
    public static async Task OfFolderAsync(string folder, string? journal, string? name, string output)
    {
        StudyOrigin? origin = StudyOrigin.Read(folder);
        string own = Path.Combine(folder, "journal.db");
        string url = journal ?? origin?.Journal ?? own;
        if (url == own && !File.Exists(own))
        {
            throw new BadInputException($"{folder}: holds no journal.db; say where the study's journal is with --journal");
        }

        await using Study study = await OpenAsync(url, name ?? origin?.Study).ConfigureAwait(false);
        Search? search = File.Exists(Path.Combine(folder, "study.yaml")) ? Search.Load(Path.Combine(folder, "study.yaml"), []) : null;
        if (search is not null)
        {
            await new StudyFolder(folder).WritePagesAsync(study, study.Objectives.Count > 0 ? study.Objectives : [search.Validation.Metric], output, CancellationToken.None).ConfigureAwait(false);
        }
        else
        {
            await WriteAsync(study, new StudyText(study.Name, study.Objectives), output, CancellationToken.None).ConfigureAwait(false);
        }
    }

    /// <summary>Writes the page of a study in a journal.</summary>
    /// <param name="journal">The journal's URL.</param>
    /// <param name="name">The study's name; none: the only one there.</param>
    /// <param name="output">The page's file.</param>
    /// <exception cref="BadInputException">There is no such study.</exception>
    public static async Task OfJournalAsync(string journal, string? name, string output)
    {
        await using Study study = await OpenAsync(journal, name).ConfigureAwait(false);
        await WriteAsync(study, new StudyText(study.Name, study.Objectives), output, CancellationToken.None).ConfigureAwait(false);
    }

    /// <summary>Opens a study that is there.</summary>
    private static async Task<Study> OpenAsync(string url, string? name)
    {
        // Looking at a journal must not make one.
        string path = url.StartsWith("sqlite:", StringComparison.OrdinalIgnoreCase) ? url["sqlite:".Length..] : url;
        if (!path.Contains(':', StringComparison.Ordinal) && !File.Exists(path))
        {
            throw new BadInputException($"There is no journal {Path.GetFullPath(path)}; name the file that a study was written to, or a postgres:// URL.");
        }

        try
        {
            if (name is null)
            {
                string[] there = await NamesAsync(url).ConfigureAwait(false);
                name = there.Length == 1 ? there[0] : throw new BadInputException(there.Length == 0
                    ? "The journal holds no study."
                    : $"The journal holds {there.Length} studies: {string.Join(", ", there.Take(20))}; name one with --study.");
            }

            return await Study.OpenAsync(url, name, new StudyOptions()).ConfigureAwait(false);
        }
        catch (StudyException exception) when (name is not null)
        {
            string[] there = await NamesAsync(url).ConfigureAwait(false);
            throw new BadInputException(
                there.Contains(name) ? exception.Message
                : there.Length == 0 ? $"There is no study '{name}': the journal holds none."
                : $"There is no study '{name}' in the journal; it holds {string.Join(", ", there.Take(20))}{(there.Length > 20 ? ", …" : "")}.",
                exception);
        }
        catch (Exception exception) when (exception is StudyException or JournalException)
        {
            throw new BadInputException(exception.Message, exception);
        }
    }

    private static async Task<string[]> NamesAsync(string url)
    {
        await using IJournal journal = await JournalCatalog.OpenAsync(url).ConfigureAwait(false);
        HashSet<string> names = [];
        for (long position = 0; ;)
        {
            IReadOnlyList<JournalEvent> page = await journal.ReadAsync(position).ConfigureAwait(false);
            names.UnionWith(page.Where(static one => one.Kind == "study.created" && one.Stream.StartsWith(StreamPrefix, StringComparison.Ordinal)).Select(static one => one.Stream[StreamPrefix.Length..]));
            if (page.Count < JournalEvent.Page)
            {
                return [.. names.Order(StringComparer.Ordinal)];
            }

            position = page[^1].Position;
        }
    }
}
