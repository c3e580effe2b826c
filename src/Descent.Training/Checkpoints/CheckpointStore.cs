using System.Globalization;
using static TorchSharp.torch;

namespace Descent.Training.Checkpoints;

/// <summary>The checkpoints of one run: writes them so that none is ever half there, keeps the last few and the best, finds the newest good one.</summary>
public sealed class CheckpointStore
{
    private const string Prefix = "step-";

    private readonly string _directory;
    private readonly int _keepLast;
    private readonly bool _keepBest;

    /// <summary>Opens the store of a run; the folder is made with the first checkpoint.</summary>
    /// <param name="directory">The run's <c>checkpoints</c> folder.</param>
    /// <param name="keepLast">How many of the newest checkpoints stay; at least 1. Two or more let a damaged newest one be passed over.</param>
    /// <param name="keepBest">Whether the checkpoint with the best deciding metric stays too.</param>
    public CheckpointStore(string directory, int keepLast = 2, bool keepBest = true)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(keepLast, 1);
        _directory = directory;
        _keepLast = keepLast;
        _keepBest = keepBest;
    }

    /// <summary>Steps that have a checkpoint folder, newest first. They are named by their folders; their content is not looked at.</summary>
    public IReadOnlyList<long> Steps
        => !Directory.Exists(_directory)
            ? []
            : Directory.EnumerateDirectories(_directory, Prefix + "*")
                .Select(path => long.TryParse(Path.GetFileName(path)[Prefix.Length..], NumberStyles.None, CultureInfo.InvariantCulture, out long step) ? step : -1)
                .Where(step => step >= 0)
                .OrderDescending()
                .ToArray();

    /// <summary>The folder of a step's checkpoint, whether it is there or not.</summary>
    public string PathOf(long step) => Path.Combine(_directory, Prefix + step.ToString("D6", CultureInfo.InvariantCulture));

    /// <summary>Writes a checkpoint and removes those no longer kept.</summary>
    /// <param name="state">The trainer's own state.</param>
    /// <param name="model">The weights.</param>
    /// <param name="optimizer">The optimizer's states, as <see cref="Torch.OptimizerFile.Tensors"/> names them.</param>
    /// <param name="aboutOptimizer">What <see cref="Torch.OptimizerFile.Metadata"/> says of them. Null: nothing.</param>
    /// <param name="training">The weights as they are in training, where <paramref name="model"/> holds others. Null: they are the same.</param>
    /// <param name="multipliers">What the model multiplies by besides its weights, which a reader of them must do too. Null: nothing.</param>
    /// <returns>Its folder.</returns>
    public string Save(
        TrainerState state,
        IEnumerable<(string Name, Tensor Tensor)> model,
        IEnumerable<(string Name, Tensor Tensor)> optimizer,
        IReadOnlyDictionary<string, string>? aboutOptimizer = null,
        IEnumerable<(string Name, Tensor Tensor)>? training = null,
        string? multipliers = null)
    {
        Directory.CreateDirectory(_directory);
        foreach (string leftover in Directory.EnumerateDirectories(_directory, ".*"))
        {
            Directory.Delete(leftover, recursive: true);
        }

        string path = PathOf(state.Step);
        string temporary = Path.Combine(_directory, $".{Path.GetFileName(path)}.tmp");
        Directory.CreateDirectory(temporary);
        try
        {
            Checkpoint.Write(temporary, state, model, optimizer, aboutOptimizer, training, multipliers);
        }
        catch
        {
            // A disk that is full must not stay so because of half a checkpoint.
            Directory.Delete(temporary, recursive: true);
            throw;
        }

        if (Directory.Exists(path))
        {
            string replaced = Path.Combine(_directory, $".{Path.GetFileName(path)}.replaced");
            Directory.Move(path, replaced);
            Directory.Move(temporary, path);
            Directory.Delete(replaced, recursive: true);
        }
        else
        {
            Directory.Move(temporary, path);
        }

        AtomicFile.FlushDirectory(_directory);
        Prune(state);
        return path;
    }

    /// <summary>The newest checkpoint that is whole. Damaged newer ones are named through <paramref name="warn"/> and passed over.</summary>
    /// <exception cref="BadInputException">There is none.</exception>
    public Checkpoint OpenNewest(Action<string> warn)
    {
        BadInputException? newestFailure = null;
        IReadOnlyList<long> steps = Steps;
        foreach (long step in steps)
        {
            try
            {
                return Checkpoint.Open(PathOf(step));
            }
            catch (BadInputException exception)
            {
                newestFailure ??= exception;
                if (step != steps[^1])
                {
                    warn($"{exception.Message}; the checkpoint before it is taken");
                }
                else if (steps.Count > 1)
                {
                    warn(exception.Message);
                }
            }
        }

        throw newestFailure is null
            ? new BadInputException($"{_directory}: there is no checkpoint; the run ended before its first one, start it again with 'descent train'")
            : new BadInputException($"{_directory}: no checkpoint is whole; the newest failed with: {newestFailure.Message}", newestFailure);
    }

    /// <summary>The checkpoint with the best deciding metric where it is kept and whole, else the newest good one.</summary>
    public Checkpoint OpenBest(Action<string> warn)
    {
        Checkpoint newest = OpenNewest(warn);
        if (newest.State.BestStep is not { } best || best == newest.State.Step || !Directory.Exists(PathOf(best)))
        {
            return newest;
        }

        try
        {
            return Checkpoint.Open(PathOf(best));
        }
        catch (BadInputException exception)
        {
            warn($"{exception.Message}; the newest checkpoint is taken instead of the best");
            return newest;
        }
    }

    private void Prune(TrainerState newest)
    {
        // A run that went back to an older checkpoint has left newer ones behind, of a future that will not be.
        foreach (long step in Steps.Where(step => step > newest.Step))
        {
            Remove(step);
        }

        foreach (long step in Steps.Skip(_keepLast))
        {
            if (!(_keepBest && step == newest.BestStep))
            {
                Remove(step);
            }
        }
    }

    // Renamed first: an interrupt while files go must not leave half a checkpoint under a checkpoint's name.
    private void Remove(long step)
    {
        string removed = Path.Combine(_directory, $".{Path.GetFileName(PathOf(step))}.removed");
        Directory.Move(PathOf(step), removed);
        Directory.Delete(removed, recursive: true);
    }
}
