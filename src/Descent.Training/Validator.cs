using System.Collections.Concurrent;
using Descent.Training.Data;
using Descent.Training.Losses;
using Descent.Training.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Descent.Training;

/// <summary>Measures a model on held-out data, always the same samples.</summary>
internal sealed class Validator(Model model, Loss loss, IDataset data, int batchSize, int batches)
{
    private static readonly Dictionary<string, double> NoMetrics = [];

    private readonly ConcurrentBag<HostBatch> _free = [];

    /// <summary>The metrics by name; "validation/loss" is always among them.</summary>
    public IReadOnlyDictionary<string, double> Run()
    {
        bool training = model.training;
        model.eval();
        try
        {
            using IDisposable noGrad = no_grad();
            var window = new WindowSum();

            // A language model's accuracy a token tells nothing that its loss does not, and costs the logits of every token.
            Metrics? metrics = data.Shape.Task == TaskKind.LanguageModel ? null : new Metrics(data.Shape.Task);
            long? samples = batches > 0 ? (long)batches * batchSize : null;
            foreach (Batch batch in BatchLoader.Pass(data, batchSize, samples, device: null, _free))
            {
                using DisposeScope scope = NewDisposeScope();
                using (batch)
                {
                    Measure(batch, window, metrics);
                }
            }

            return Report(window, metrics);
        }
        finally
        {
            model.train(training);
        }
    }

    private void Measure(Batch batch, WindowSum window, Metrics? metrics)
    {
        // Without metrics of the outputs the loss may take its fused way past them.
        if (metrics is null)
        {
            using LossValue value = loss.Compute(model, batch.Inputs, batch.Targets);
            window.Add(value, batch);
        }
        else
        {
            Tensor outputs = model.call(batch.Inputs);
            using LossValue value = loss.Compute(outputs, batch.Targets);
            window.Add(value, batch);
            metrics.Add(outputs, batch.Targets);
        }
    }

    private static SortedDictionary<string, double> Report(WindowSum window, Metrics? metrics)
    {
        var report = new SortedDictionary<string, double>(StringComparer.Ordinal) { ["validation/loss"] = window.Loss };
        foreach ((string name, double value) in window.Terms())
        {
            report[$"validation/{name}"] = value;
        }

        if (window.TargetBytes > 0)
        {
            report["validation/nats_per_byte"] = window.Sum / window.TargetBytes;
        }

        foreach ((string name, double value) in metrics?.Result() ?? NoMetrics)
        {
            report[$"validation/{name}"] = value;
        }

        return report;
    }
}
