using Descent.Torch;
using Descent.Training.Checkpoints;
using Descent.Training.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Descent.Training.Parametrization;

/// <summary>Rows of a weight that a factor is multiplied into, so that a model in standard parametrization computes what one with multipliers does.</summary>
/// <param name="Name">The weight's name.</param>
/// <param name="Rows">The rows, from the first on; null: all.</param>
/// <param name="Factor">The factor.</param>
internal sealed record WeightFold(string Name, long? Rows, double Factor)
{
    /// <summary>The entry of a weight file's header that names the multipliers which the model has besides.</summary>
    public const string MultipliersKey = "multipliers";

    /// <summary>Looks whether a model multiplies by what the model of a weight file did: it would compute something else.</summary>
    /// <param name="model">The model.</param>
    /// <param name="metadata">The header of the file.</param>
    /// <param name="path">The file's path.</param>
    /// <exception cref="BadInputException">It doesn't.</exception>
    public static void RequireSame(Model model, IReadOnlyDictionary<string, string> metadata, string path)
    {
        const string None = "no multipliers";
        string? there = metadata.GetValueOrDefault(MultipliersKey);
        if (there != model.Multipliers)
        {
            throw new BadInputException(
                $"{path}: the weights belong to a model with {there ?? None}, this one has {model.Multipliers ?? None}: it would compute something else. Use its parametrization, width and base_width, "
                + "or weights of 'descent export', which fit a model in standard parametrization");
        }
    }

    /// <summary>Writes a file of weights with the multipliers of their model folded in.</summary>
    /// <param name="source">The weights of a checkpoint.</param>
    /// <param name="target">The file to write.</param>
    /// <param name="folds">What is multiplied.</param>
    public static void Write(string source, string target, IReadOnlyList<WeightFold> folds) => UserFile.Read(() =>
    {
        using IDisposable noGrad = no_grad();
        using DisposeScope scope = NewDisposeScope();
        using SafeTensorsFile file = SafeTensorsFile.Open(source);
        var metadata = file.Metadata.Where(static entry => entry.Key != MultipliersKey).ToDictionary();
        SafeTensors.Write(target, file.Names.Select(name => (name, Folded(name, file.Read(name), folds))), metadata);
    });

    private static Tensor Folded(string name, Tensor weight, IReadOnlyList<WeightFold> folds)
    {
        foreach (WeightFold fold in folds.Where(fold => fold.Name == name))
        {
            using Scalar factor = fold.Factor.ToScalar();
            weight.narrow(0, 0, fold.Rows ?? weight.shape[0]).mul_(factor);
        }

        return weight;
    }
}
