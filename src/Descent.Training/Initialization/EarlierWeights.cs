using Descent.Optimizers;
using Descent.Torch;
using Descent.Training.Checkpoints;
using Descent.Training.Models;
using static TorchSharp.torch;

namespace Descent.Training.Initialization;

/// <summary>Takes a model's weights from an earlier run's newest good checkpoint or from a safetensors file.</summary>
internal static class EarlierWeights
{
    public static void Load(Model model, string from)
    {
        string path = Resolve(from);
        UserFile.Read(() => Overwrite(model, path));
    }

    private static void Overwrite(Model model, string path)
    {
        using SafeTensorsFile file = SafeTensorsFile.Open(path);
        Dictionary<string, Tensor> wanted = model.state_dict();
        List<string> faults = [];
        foreach ((string name, Tensor tensor) in wanted)
        {
            if (!file.Contains(name))
            {
                faults.Add($"'{name}' is missing{Nearest(name, file.Names)}");
            }
            else if (!file.ShapeOf(name).SequenceEqual(tensor.shape))
            {
                faults.Add($"'{name}' is [{string.Join(", ", file.ShapeOf(name))}] there, [{string.Join(", ", tensor.shape)}] in the model");
            }
        }

        faults.AddRange(file.Names.Where(name => !wanted.ContainsKey(name)).Select(name => $"'{name}' is unknown to the model{Nearest(name, wanted.Keys)}"));
        if (faults.Count > 0)
        {
            string more = faults.Count > 4 ? $"; and {faults.Count - 4} more" : "";
            throw new BadInputException(
                $"initialization.from: the weights in {path} don't fit the model: {string.Join("; ", faults.Take(4))}{more}. Use the model section they were trained with.");
        }

        foreach ((string name, Tensor tensor) in wanted)
        {
            file.ReadInto(name, tensor);
        }
    }

    private static string Resolve(string from)
    {
        if (!Directory.Exists(from))
        {
            return File.Exists(from)
                ? from
                : throw new BadInputException($"initialization.from is '{from}', which doesn't exist; give a run directory or a .safetensors file.");
        }

        string inside = Path.Combine(from, Checkpoint.ModelFile);
        return File.Exists(inside) ? inside : new CheckpointStore(Path.Combine(from, "checkpoints")).OpenNewest(_ => { }).ModelPath;
    }

    private static string Nearest(string name, IEnumerable<string> candidates) =>
        NearestName.Of(name, candidates) is { } nearest ? $" (nearest: '{nearest}')" : "";
}
