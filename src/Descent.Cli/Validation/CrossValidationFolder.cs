using Descent.Training;

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
        FullPath = OutputFolder.Resolve(path, OutputFolder.CrossValidation);
        _isNew = !Directory.Exists(FullPath);
        OutputFolder.Make(FullPath, () => Directory.CreateDirectory(FullPath));
        try
        {
            _lock = new FileStream(LockPath, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException exception) when (File.Exists(LockPath))
        {
            throw new BadInputException($"{FullPath}: another process validates in this folder; wait for it to end, or give another folder with --out", exception);
        }

        try
        {
            OutputFolder.Agree(FullPath, OutputFolder.CrossValidation, description, "their folds could not be averaged");
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
}
