using Descent.Torch;
using Descent.Training.Checkpoints;
using Descent.Training.Configuration;
using Descent.Training.Models;

namespace Descent.Training.Initialization;

/// <summary>Takes an optimizer's state from an earlier run: of Descent, of PyTorch, of TorchSharp.</summary>
internal static class EarlierState
{
    /// <summary>Looks whether the state fits, before anything is written.</summary>
    /// <exception cref="BadInputException">It doesn't.</exception>
    public static void RequireFit(Model model, TrainingOptions options, string? from)
    {
        if (from is not null)
        {
            using FusedOptimizer optimizer = FusedOptimizer.Create(Routes.Of(model, options).Groups);
            Read(from, saved => optimizer.RequireFit(saved, Order(model, optimizer)));
        }
    }

    /// <summary>Overwrites steps and states, and tells which settings are other than they were.</summary>
    public static void Load(FusedOptimizer optimizer, Model model, string? from, IProgress<string>? progress)
    {
        if (from is null)
        {
            return;
        }

        Read(from, saved =>
        {
            IReadOnlyList<string> differences = optimizer.Load(saved, Order(model, optimizer));
            progress?.Report($"the optimizer's state is taken from {saved.Path} ({saved.Format}, step {saved.Parameters.Max(parameter => parameter.Step)})");
            foreach (string difference in differences)
            {
                progress?.Report($"note: {difference}");
            }
        });
    }

    // Other programs number parameters in the order of the model, however our groups are cut.
    private static IEnumerable<string> Order(Model model, FusedOptimizer optimizer) =>
        model.named_parameters().Select(entry => entry.name).Intersect(optimizer.Names);

    private static void Read(string from, Action<SavedOptimizer> use)
    {
        string path = Resolve(from);
        UserFile.Read(() =>
        {
            using SavedOptimizer saved = SavedOptimizer.Open(path);
            use(saved);
        });
    }

    private static string Resolve(string from)
    {
        if (!Directory.Exists(from))
        {
            return File.Exists(from)
                ? from
                : throw new BadInputException($"initialization.optimizer_state is '{from}', which doesn't exist; give a run directory or a file of optimizer states.");
        }

        string inside = Path.Combine(from, Checkpoint.OptimizerFile);
        return File.Exists(inside) ? inside : new CheckpointStore(Path.Combine(from, "checkpoints")).OpenNewest(_ => { }).OptimizerPath;
    }
}
