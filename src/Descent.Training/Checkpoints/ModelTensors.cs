using Descent.Torch;
using Descent.Training.Models;
using Descent.Training.Parametrization;
using static TorchSharp.torch;

namespace Descent.Training.Checkpoints;

/// <summary>A model's parameters and buffers, to and from safetensors files, by name.</summary>
public static class ModelTensors
{
    /// <summary>Everything a model's state dictionary holds, in its order.</summary>
    public static IEnumerable<(string Name, Tensor Tensor)> Of(nn.Module model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return model.state_dict().Select(entry => (entry.Key, entry.Value));
    }

    /// <summary>Overwrites a model's parameters and buffers with those of a file. Nothing is changed unless every name and shape fits.</summary>
    /// <exception cref="BadInputException">The file lacks a name, has one too many, or a shape differs: it belongs to another model.</exception>
    public static void Load(nn.Module model, string path) => Load(model, path, static _ => true);

    /// <summary>The same from a file that holds more; <paramref name="isModels"/> says which names are meant for the model.</summary>
    internal static void Load(nn.Module model, string path, Func<string, bool> isModels)
    {
        ArgumentNullException.ThrowIfNull(model);
        UserFile.Read(() => Overwrite(model, path, isModels));
    }

    private static void Overwrite(nn.Module model, string path, Func<string, bool> isModels)
    {
        using SafeTensorsFile file = SafeTensorsFile.Open(path);
        if (model is Model ours)
        {
            WeightFold.RequireSame(ours, file.Metadata, path);
        }

        Dictionary<string, Tensor> targets = model.state_dict();
        string[] faults =
        [
            .. targets.Keys.Where(name => !file.Contains(name)).Select(name => $"'{name}' is missing"),
            .. file.Names.Where(name => isModels(name) && !targets.ContainsKey(name)).Select(name => $"'{name}' is not in the model"),
            .. targets.Where(target => file.Contains(target.Key) && !file.ShapeOf(target.Key).SequenceEqual(target.Value.shape))
                .Select(target => $"'{target.Key}' is [{string.Join(", ", file.ShapeOf(target.Key))}] instead of [{string.Join(", ", target.Value.shape)}]"),
        ];
        if (faults.Length > 0)
        {
            string more = faults.Length > 3 ? $" and {faults.Length - 3} more" : "";
            throw new BadInputException($"{path}: the weights belong to another model: {string.Join(", ", faults.Take(3))}{more}; use the run file they were trained with");
        }

        foreach ((string name, Tensor target) in targets)
        {
            file.ReadInto(name, target);
        }
    }
}
