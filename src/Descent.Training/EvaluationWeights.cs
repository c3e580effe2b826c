using Descent.Optimizers;
using Descent.Torch;
using Descent.Training.Configuration;
using Descent.Training.Data;
using Descent.Training.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Descent.Training;

/// <summary>
/// The weights that are measured and saved where they are others than those in training: an average over the steps, or the point that the optimizer has
/// for it, with BatchNorm's statistics estimated for them.
/// </summary>
/// <remarks>
/// The batches of the estimate are spread over the training data and the same every time; nothing of training is touched by them. The statistics of a step are
/// kept until another step asks, since its checkpoint follows its validation.
/// </remarks>
internal sealed class EvaluationWeights : IDisposable
{
    private readonly Model _model;
    private readonly FusedOptimizer _optimizer;
    private readonly WeightAverage? _average;
    private readonly IDataset _data;
    private readonly int _batchSize;
    private readonly int _batches;
    private readonly Dictionary<string, Tensor> _statistics = new(StringComparer.Ordinal);
    private long _estimatedStep = -1;
    private bool _kept;

    public EvaluationWeights(Model model, FusedOptimizer optimizer, TrainingOptions options, IDataset data, int batchSize)
    {
        AverageOptions average = options.Average;
        bool averages = average is not NoAverageOptions;
        if (averages && optimizer.HasEvaluationPoint)
        {
            throw new BadInputException($"average.kind is '{average.Kind}', and optimizer '{options.Optimizer.Kind}' has a mean of its own that is measured and saved; "
                + "leave the average out, or take another optimizer");
        }

        (_model, _optimizer, _data, _batchSize) = (model, optimizer, data, batchSize);
        _average = averages ? new WeightAverage(model.named_parameters().Where(static entry => entry.parameter.requires_grad), average) : null;
        _batches = RunningStatistics.AreIn(model) ? average.StatisticsBatches : 0;
    }

    /// <summary>Weights that have entered the average.</summary>
    public long Updates => _average?.Updates ?? 0;

    private bool Differ => !_kept && (Updates > 0 || _optimizer.HasEvaluationPoint);

    /// <summary>Takes the weights after a step into the average, if it is due.</summary>
    public void AfterStep(long step, long? steps, long stepsPerEpoch)
    {
        if (_average is { } average && average.Options.IsDue(step, steps, stepsPerEpoch))
        {
            average.Update();
        }
    }

    /// <summary>Puts the weights to measure in the place of those in training, until the result is disposed. Null where they are the same.</summary>
    public EvaluationSwap? Enter(long step)
    {
        if (!Differ)
        {
            return null;
        }

        WeightSwap weights = _average?.Swap() ?? _optimizer.SwapEvaluationPoint();
        if (_batches == 0)
        {
            return new EvaluationSwap(weights, null, _average);
        }

        var buffers = new BufferSnapshot(_model);
        if (_estimatedStep == step)
        {
            CopyStatistics(intoModel: true);
        }
        else
        {
            RunningStatistics.Estimate(_model, Batches());
            CopyStatistics(intoModel: false);
            _estimatedStep = step;
        }

        return new EvaluationSwap(weights, buffers, _average);
    }

    /// <summary>Puts the weights to measure in place for good: training is over.</summary>
    public void Keep(long step)
    {
        using EvaluationSwap? swap = Enter(step);
        swap?.Keep();
        _kept = true;
    }

    /// <summary>Takes over the average of a checkpoint.</summary>
    public void Restore(long updates, Func<string, Tensor> values) => _average?.Restore(updates, values);

    public void Dispose()
    {
        _average?.Dispose();
        foreach (Tensor tensor in _statistics.Values)
        {
            tensor.Dispose();
        }
    }

    private IEnumerable<Action> Batches()
    {
        foreach (Batch batch in BatchLoader.Pass(_data, _batchSize, (long)_batches * _batchSize))
        {
            yield return () =>
            {
                using DisposeScope scope = NewDisposeScope();
                using (batch)
                {
                    _model.call(batch.Inputs);
                }
            };
        }
    }

    private void CopyStatistics(bool intoModel)
    {
        using IDisposable noGrad = no_grad();
        foreach ((string name, Tensor buffer) in _model.named_buffers(include_nonpersistent: false))
        {
            if (!_statistics.TryGetValue(name, out Tensor? kept))
            {
                _statistics[name] = kept = empty_like(buffer).DetachFromDisposeScope();
            }

            _ = intoModel ? buffer.copy_(kept) : kept.copy_(buffer);
        }
    }
}

/// <summary>The weights to measure in place of those in training.</summary>
internal sealed class EvaluationSwap(WeightSwap weights, BufferSnapshot? buffers, WeightAverage? average) : IDisposable
{
    public const string AveragePrefix = "average/";

    /// <summary>
    /// What a checkpoint needs beside the weights in place to go on exactly: parameters and buffers as training has them, and the means that the weights in place are a
    /// rounded copy of.
    /// </summary>
    public IEnumerable<(string Name, Tensor Tensor)> TrainingTensors(Model model)
    {
        IReadOnlyDictionary<string, Tensor> held = weights.Training;
        Dictionary<string, Tensor> copies = buffers?.Copies.ToDictionary() ?? [];
        foreach ((string name, Tensor tensor) in model.state_dict())
        {
            yield return (name, held.GetValueOrDefault(name) ?? copies.GetValueOrDefault(name) ?? tensor);
            if (average is not null && held.TryGetValue(name, out Tensor? training) && average.Mean(name) is { } mean && mean.dtype != training.dtype)
            {
                yield return (AveragePrefix + name, mean);
            }
        }
    }

    public void Keep()
    {
        weights.Keep();
        buffers?.Keep();
    }

    public void Dispose()
    {
        buffers?.Dispose();
        weights.Dispose();
    }
}
