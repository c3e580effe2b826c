using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Descent.Training.Models;

/// <summary>Every place of a model that drops activations: Descent's own layers, those of one's own, and TorchSharp's modules.</summary>
internal static class DropoutLayers
{
    /// <summary>The probability of the first of them; null where there is none.</summary>
    public static double? Of(Model model)
    {
        foreach (nn.Module part in model.modules())
        {
            if (Read(part) is { } probability)
            {
                return probability;
            }
        }

        return null;
    }

    /// <summary>Sets the probability of all of them.</summary>
    public static void Set(Model model, double probability)
    {
        foreach (nn.Module part in model.modules())
        {
            switch (part)
            {
                case IDropoutLayer layer: layer.Dropout = probability; break;
                case Dropout dropout: dropout.p = probability; break;
                case Dropout1d dropout: dropout.p = probability; break;
                case Dropout2d dropout: dropout.p = probability; break;
                case Dropout3d dropout: dropout.p = probability; break;
                case AlphaDropout dropout: dropout.p = probability; break;
                case FeatureAlphaDropout dropout: dropout.p = probability; break;
            }
        }
    }

    private static double? Read(nn.Module part) => part switch
    {
        IDropoutLayer layer => layer.Dropout,
        Dropout dropout => dropout.p,
        Dropout1d dropout => dropout.p,
        Dropout2d dropout => dropout.p,
        Dropout3d dropout => dropout.p,
        AlphaDropout dropout => dropout.p,
        FeatureAlphaDropout dropout => dropout.p,
        _ => null,
    };
}
