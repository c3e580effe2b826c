using Descent.Optimizers;
using Descent.Torch;
using Descent.Training.Checkpoints;
using Descent.Training.Models;
using Descent.Training.Parametrization;
using static TorchSharp.torch;

namespace Descent.Training.Initialization;

/// <summary>Takes a model's weights from an earlier run's newest good checkpoint, from a safetensors file, or from a file of PyTorch.</summary>
internal static class EarlierWeights
{
    public static void Load(Model model, string from)
    {
        string path = Resolve(from);
        UserFile.Read(() => Overwrite(model, path));
    }

    private static void Overwrite(Model model, string path)
    {
        using SavedWeights file = SavedWeights.Open(path);
        Dictionary<string, Tensor> wanted = model.state_dict();
        List<string> faults = [];
        foreach ((string name, Tensor tensor) in wanted)
        {
            if (!file.Tensors.TryGetValue(name, out SavedTensor? saved))
            {
                faults.Add($"'{name}' is missing{Nearest(name, file.Tensors.Keys)}");
            }
            else if (!saved.Shape.SequenceEqual(tensor.shape))
            {
                faults.Add($"'{name}' is [{string.Join(", ", saved.Shape)}] there, [{string.Join(", ", tensor.shape)}] in the model");
            }
        }

        faults.AddRange(file.Tensors.Keys.Where(name => !wanted.ContainsKey(name)).Select(name => $"'{name}' is unknown to the model{Nearest(name, wanted.Keys)}"));
        if (faults.Count > 0)
        {
            string more = faults.Count > 4 ? $"; and {faults.Count - 4} more" : "";
            throw new BadInputException(
                $"initialization.from: the weights in {path} don't fit the model: {string.Join("; ", faults.Take(4))}{more}. Use the model section they were trained with.");
        }

        WeightFold.RequireSame(model, file.Metadata, $"initialization.from: {path}");
        using IDisposable noGrad = no_grad();
        foreach ((string name, Tensor tensor) in wanted)
        {
            using Tensor value = file.Tensors[name].Read();
            tensor.copy_(value);
            MappedArena.Release(tensor);
        }
    }

    private static string Resolve(string from)
    {
        if (!Directory.Exists(from))
        {
            return File.Exists(from)
                ? from
                : throw new BadInputException($"initialization.from is '{from}', which doesn't exist; give a run directory, a .safetensors file or a file of torch.save.");
        }

        string inside = Path.Combine(from, Checkpoint.ModelFile);
        return File.Exists(inside) ? inside : new CheckpointStore(Path.Combine(from, "checkpoints")).OpenNewest(_ => { }).ModelPath;
    }

    private static string Nearest(string name, IEnumerable<string> candidates) =>
        NearestName.Of(name, candidates) is { } nearest ? $" (nearest: '{nearest}')" : "";
}
