using System.Globalization;

namespace Descent.Training;

/// <summary>The folder of one run and where everything in it lies. Only one process writes to it at a time.</summary>
public sealed class RunDirectory : IDisposable
{
    private FileStream? _lock;

    private RunDirectory(string path) => Path = string.IsNullOrWhiteSpace(path)
        ? throw new BadInputException("the run's folder is an empty name; give a folder, or none to have one named by the time")
        : System.IO.Path.GetFullPath(path);

    /// <summary>The folder's full path.</summary>
    public string Path { get; }

    /// <summary>The resolved run file.</summary>
    public string ConfigurationPath => System.IO.Path.Combine(Path, "run.yaml");

    /// <summary>Every event of the run, a line each.</summary>
    public string MetricsPath => System.IO.Path.Combine(Path, "metrics.jsonl");

    /// <summary>The checkpoints.</summary>
    public string CheckpointsPath => System.IO.Path.Combine(Path, "checkpoints");

    /// <summary>The tokenizer of a language model.</summary>
    public string TokenizerPath => System.IO.Path.Combine(Path, "tokenizer");

    /// <summary>The page with the curves.</summary>
    public string ReportPath => System.IO.Path.Combine(Path, "report.html");

    /// <summary>Makes the folder of a new run and takes it for this process.</summary>
    /// <param name="path">The folder; null names it by the time below <c>runs</c>.</param>
    /// <param name="now">The present time.</param>
    /// <exception cref="BadInputException">The folder holds a run already, or cannot be made.</exception>
    public static RunDirectory Create(string? path, DateTimeOffset now)
    {
        if (path is not null)
        {
            RequireUnused(path);
        }

        RunDirectory directory = new(path ?? NameByTime(now));
        try
        {
            Directory.CreateDirectory(directory.Path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"{directory.Path}: cannot be made ({exception.Message}); give another folder with --out", exception);
        }

        directory.TakeLock();
        return directory;
    }

    /// <summary>Says before any work is done that a folder cannot take a new run.</summary>
    /// <exception cref="BadInputException">The folder holds a run already, or its name is empty.</exception>
    internal static void RequireUnused(string path)
    {
        RunDirectory directory = new(path);
        if (File.Exists(directory.ConfigurationPath))
        {
            throw new BadInputException($"{directory.Path}: holds a run already; go on with it by 'descent resume {directory.Path}', or give another folder with --out");
        }
    }

    /// <summary>Opens the folder of a run to go on with it, and takes it for this process.</summary>
    /// <exception cref="BadInputException">There is no run, or another process works on it.</exception>
    public static RunDirectory OpenToWrite(string path)
    {
        RunDirectory directory = OpenToRead(path);
        directory.TakeLock();
        return directory;
    }

    /// <summary>Opens the folder of a run to look at it.</summary>
    /// <exception cref="BadInputException">There is no run.</exception>
    public static RunDirectory OpenToRead(string path)
    {
        RunDirectory directory = new(path);
        return File.Exists(directory.ConfigurationPath)
            ? directory
            : throw new BadInputException($"{directory.Path}: is not a run folder (there is no run.yaml); give the folder that 'descent train' printed");
    }

    /// <inheritdoc/>
    public void Dispose() => _lock?.Dispose();

    private static string NameByTime(DateTimeOffset now)
    {
        string name = System.IO.Path.Combine("runs", now.ToLocalTime().ToString("yyyy-MM-dd-HHmmss", CultureInfo.InvariantCulture));
        string unused = name;
        for (int i = 2; Directory.Exists(unused); i++)
        {
            unused = $"{name}-{i}";
        }

        return unused;
    }

    private void TakeLock()
    {
        try
        {
            // The system lets go of it when the process ends, however it ends.
            _lock = new FileStream(System.IO.Path.Combine(Path, ".lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException exception)
        {
            throw new BadInputException($"{Path}: another process is training in this folder; wait for it to end, or train in another folder with --out", exception);
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new BadInputException($"{Path}: cannot be written to ({exception.Message}); give another folder with --out", exception);
        }
    }
}
