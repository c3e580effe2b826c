using System.Globalization;

namespace Descent.Tuning;

/// <summary>
/// Folders of trials: <c>FOLDER/000012/345</c>, trial and token. Who wins a trial renames its folder to the new token, which keeps its content and takes it out of the
/// reach of an older worker that has not yet noticed: what that one writes next finds no folder.
/// </summary>
internal static class TrialFolder
{
    /// <summary>The folder of a new holder, with what earlier ones left.</summary>
    public static string Take(string root, int trial, long token)
    {
        try
        {
            return TakeChecked(root, trial, token);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new StudyException($"The folder of trial {trial} in {root} can't be made or taken over: {fault.Message}", fault);
        }
    }

    private static string TakeChecked(string root, int trial, long token)
    {
        string all = OfTrial(root, trial);
        Directory.CreateDirectory(all);
        string own = Path.Combine(all, token.ToString(CultureInfo.InvariantCulture));
        (long Token, string Path)[] older = [.. Attempts(all).Where(one => one.Token < token)];
        if (older.Length > 0)
        {
            Directory.Move(older[^1].Path, own);
        }

        foreach ((_, string path) in older.SkipLast(1))
        {
            Directory.Delete(path, recursive: true);
        }

        Directory.CreateDirectory(own);
        return own;
    }

    /// <summary>The folder that a trial's last holder left; none: there is none on this machine.</summary>
    public static string? Newest(string root, int trial) => Attempts(OfTrial(root, trial)).Select(static one => one.Path).LastOrDefault();

    private static string OfTrial(string root, int trial) => Path.Combine(Path.GetFullPath(root), trial.ToString("D6", CultureInfo.InvariantCulture));

    private static IEnumerable<(long Token, string Path)> Attempts(string all) => !Directory.Exists(all)
        ? []
        : Directory.GetDirectories(all)
            .Select(static path => (Token: long.TryParse(Path.GetFileName(path), NumberStyles.None, CultureInfo.InvariantCulture, out long token) ? token : -1, path))
            .Where(static one => one.Token >= 0)
            .OrderBy(static one => one.Token);
}
