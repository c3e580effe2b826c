using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Descent.Torch;

/// <summary>
/// Estimates the running statistics of BatchNorm layers anew, for weights that they were not gathered with: the plain mean over some batches, as PyTorch's
/// <c>update_bn</c>. Everything but these layers is in evaluation mode (no dropout), as it will be when the statistics are used.
/// </summary>
public static class RunningStatistics
{
    /// <summary>Whether a model has layers with running statistics.</summary>
    /// <param name="model">The model.</param>
    public static bool AreIn(nn.Module model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return Layers(model).Count > 0;
    }

    /// <summary>Overwrites the statistics; modes and momenta are afterwards what they were.</summary>
    /// <param name="model">The model.</param>
    /// <param name="batches">Each runs the model on one batch.</param>
    public static void Estimate(nn.Module model, IEnumerable<Action> batches)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(batches);
        List<nn.Module> layers = Layers(model);
        double?[] momenta = [.. layers.Select(MomentumOf)];
        bool training = model.training;
        model.eval();
        try
        {
            using IDisposable noGrad = no_grad();
            long seen = 0;
            foreach (Action batch in batches)
            {
                foreach (nn.Module layer in layers)
                {
                    // The mean so far and the batch's, weighted by how many batches are in each; the first replaces what was there.
                    layer.train();
                    SetMomentum(layer, 1.0 / (seen + 1));
                }

                batch();
                seen++;
            }
        }
        finally
        {
            for (int i = 0; i < layers.Count; i++)
            {
                SetMomentum(layers[i], momenta[i]);
            }

            model.train(training);
        }
    }

    private static List<nn.Module> Layers(nn.Module model) =>
        [.. model.modules().Prepend(model).Where(static module => module is IRunningStatistics or NormBase { track_running_stats: true }).Distinct()];

    private static double? MomentumOf(nn.Module layer) => layer is IRunningStatistics own ? own.Momentum : ((NormBase)layer).momentum;

    private static void SetMomentum(nn.Module layer, double? momentum)
    {
        if (layer is IRunningStatistics own)
        {
            own.Momentum = momentum!.Value;
        }
        else
        {
            ((NormBase)layer).momentum = momentum;
        }
    }
}
