using Descent.Torch;
using static TorchSharp.torch;

namespace Descent.Training.Checkpoints;

/// <summary>An optimizer's state tensors, to and from safetensors files, named "parameter/state".</summary>
internal static class OptimizerTensors
{
    public static IEnumerable<(string Name, Tensor Tensor)> Of(FusedOptimizer optimizer)
        => optimizer.States.Select(state => ($"{state.Parameter}/{state.State}", state.Value));

    public static void Load(
        FusedOptimizer optimizer, string path, IReadOnlyDictionary<string, long> steps, IReadOnlyDictionary<string, double> shared) =>
        UserFile.Read(() => Overwrite(optimizer, path, steps, shared));

    private static void Overwrite(
        FusedOptimizer optimizer, string path, IReadOnlyDictionary<string, long> steps, IReadOnlyDictionary<string, double> shared)
    {
        using SafeTensorsFile file = SafeTensorsFile.Open(path);
        foreach (string name in file.Names)
        {
            // Parameter names hold dots, never slashes: those would be file paths in other formats.
            int slash = name.LastIndexOf('/');
            using Tensor value = file.Read(name);
            Fit(path, name, () => optimizer.SetState(name[..slash], name[(slash + 1)..], value));
        }

        foreach ((string parameter, long step) in steps)
        {
            Fit(path, parameter, () => optimizer.SetStep(parameter, step));
        }

        foreach ((string name, double value) in shared)
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
