using Descent.Training;
using Descent.Training.Checkpoints;

namespace Descent.Cli.Validation;

/// <summary>The folder of a cross validation, held by one process at a time: what is validated stands in it, and nothing else may go on there.</summary>
internal sealed class CrossValidationFolder : IDisposable
{
    private readonly FileStream _lock;
    private readonly bool _isNew;

    /// <summary>Makes the folder where there is none, takes it, and writes down what is validated or looks whether it is what was validated here before.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="description">What is validated, as a run file.</param>
    /// <exception cref="BadInputException">The folder can't be made, another process works in it, or it holds something else.</exception>
    public CrossValidationFolder(string path, string description)
    {
        if (string.IsNullOrWhiteSpace(path))
        {
            throw new BadInputException("the folder is an empty name; give a folder with --out");
        }

        FullPath = Path.GetFullPath(path);
        if (File.Exists(Path.Combine(FullPath, "run.yaml")) || File.Exists(Path.Combine(FullPath, "study.yaml")))
        {
            throw new BadInputException($"{FullPath}: holds a {(File.Exists(Path.Combine(FullPath, "run.yaml")) ? "run" : "study")} already; give another folder with --out");
        }

        try
        {
            _isNew = !Directory.Exists(FullPath);
            Directory.CreateDirectory(FullPath);
            _lock = new FileStream(LockPath, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException(
                File.Exists(LockPath)
                    ? $"{FullPath}: another process validates in this folder; wait for it to end, or give another folder with --out"
                    : $"{FullPath}: cannot be made ({exception.Message}); give another folder with --out",
                exception);
        }

        try
        {
            Agree(description);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The folder's full path.</summary>
    public string FullPath { get; }

    /// <summary>The page.</summary>
    public string ReportPath => Path.Combine(FullPath, "report.html");

    private string LockPath => Path.Combine(FullPath, ".lock");

    private string DescriptionPath => Path.Combine(FullPath, "cross_validation.yaml");

    /// <summary>Takes back what was made for a validation whose input is refused before anything was trained.</summary>
    public void Undo()
    {
        if (_isNew && !Directory.EnumerateDirectories(FullPath, "fold-*").SelectMany(Directory.EnumerateFileSystemEntries).Any())
        {
            Directory.Delete(FullPath, recursive: true);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _lock.Dispose();

    private void Agree(string wanted)
    {
        if (!File.Exists(DescriptionPath))
        {
            AtomicFile.WriteAllText(DescriptionPath, wanted);
            return;
        }

        string[] there = File.ReadAllText(DescriptionPath).Split('\n'), asked = wanted.Split('\n');
        string[] lost = [.. there.Except(asked)], added = [.. asked.Except(there)];
        if (lost.Length + added.Length > 0)
        {
            throw new BadInputException(
                $"{FullPath}: holds a cross validation of other settings: {Shown(lost)} there, {Shown(added)} here, and their folds could not be averaged. Give the same settings (they stand in {DescriptionPath}), or another folder with --out");
        }
    }

    private static string Shown(string[] lines) =>
        lines.Length == 0 ? "nothing more" : string.Join("; ", lines.Take(3).Select(static line => $"'{line.Trim()}'")) + (lines.Length > 3 ? "; …" : "");
}
