using Descent.Torch;
using static TorchSharp.torch;

namespace Descent.Training.Checkpoints;

/// <summary>An optimizer's state out of a checkpoint.</summary>
internal static class OptimizerTensors
{
    /// <exception cref="BadInputException">The checkpoint belongs to another model or optimizer.</exception>
    public static void Load(FusedOptimizer optimizer, Checkpoint checkpoint) => UserFile.Read(() =>
    {
        if (OptimizerFile.DescribesItself(checkpoint.OptimizerPath))
        {
            optimizer.Load(checkpoint.OptimizerPath);
        }
        else
        {
            LoadFirstSchema(optimizer, checkpoint);
        }
    });

    // Checkpoints of schema 1 have steps and shared numbers in trainer.json.
    private static void LoadFirstSchema(FusedOptimizer optimizer, Checkpoint checkpoint)
    {
        string path = checkpoint.OptimizerPath;
        using SafeTensorsFile file = SafeTensorsFile.Open(path);
        foreach (string name in file.Names)
        {
            // Parameter names hold dots, never slashes: those would be file paths in other formats.
            int slash = name.LastIndexOf('/');
            using Tensor value = file.Read(name);
            Fit(path, name, () => optimizer.SetState(name[..slash], name[(slash + 1)..], value));
        }

        foreach ((string parameter, long step) in checkpoint.State.ParameterSteps ?? new Dictionary<string, long>())
        {
            Fit(path, parameter, () => optimizer.SetStep(parameter, step));
        }

        foreach ((string name, double value) in checkpoint.State.SharedOptimizerState ?? new Dictionary<string, double>())
        {
            Fit(path, name, () => optimizer.SetSharedState(name, value));
        }
    }

    private static void Fit(string path, string name, Action set)
    {
        try
        {
            set();
        }
        catch (Exception exception) when (exception is KeyNotFoundException or ArgumentException)
        {
            string why = exception.Message.Split(" (Parameter", 2)[0].TrimEnd('.');
            throw new BadInputException($"{path}: '{name}' does not fit: {why}; go on with the model and the optimizer it was saved with", exception);
        }
    }
}
