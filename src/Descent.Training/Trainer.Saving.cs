using Descent.Torch;
using Descent.Training.Checkpoints;
using Descent.Training.Data;
using Descent.Training.Initialization;

namespace Descent.Training;

// What a trainer writes down, and how it goes on from it.
public sealed partial class Trainer
{
    /// <summary>Takes over weights, optimizer states, counters and the place in the data from a checkpoint.</summary>
    /// <exception cref="BadInputException">The checkpoint belongs to another model or optimizer.</exception>
    public void Restore(Checkpoint checkpoint)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        TrainerState state = checkpoint.State;
        if (state.DataFingerprint is { } fingerprint && fingerprint != _data.Fingerprint)
        {
            throw new BadInputException($"{checkpoint.Path}: the data is not what this run was trained on (its digest starts with {_data.Fingerprint[..12]}, "
                + $"the checkpoint's with {fingerprint[..12]}); give the same files, or start a new run with 'initialization: {{ from: … }}'");
        }

        RestoreWeights(checkpoint);
        OptimizerTensors.Load(_optimizer, checkpoint);
        _step = state.Step;
        _savedStep = state.Step;
        _cursor = new DataCursor(state.Epoch, state.Sample);
        Seconds = state.Seconds;
        _lastNorm = state.GradientNorm;
        _metrics = state.Metrics;
        _validatedStep = state.ValidatedStep;
        _plateau = _plateau is null ? null : state.Plateau ?? _plateau;
        _best.Restore(state.BestMetric, state.BestStep, state.ValidationsSinceBest);
        _horizon.Restore(state.PlannedSteps);
    }

    /// <summary>Takes over an optimizer's state from another run; step, schedule and place in the data stay this run's.</summary>
    internal void TakeOver(string? optimizerState, IProgress<string>? progress) => EarlierState.Load(_optimizer, _model, optimizerState, progress);

    private TrainerState Capture() => new()
    {
        Step = _step,
        Epoch = _cursor.Epoch,
        Sample = _cursor.Sample,
        DataFingerprint = _data.Fingerprint,
        Seconds = Seconds,
        GradientNorm = _lastNorm,
        PlannedSteps = _horizon.Steps,
        Metrics = _metrics,
        ValidatedStep = _validatedStep,
        BestMetric = _best.Value,
        BestStep = _best.Step,
        ValidationsSinceBest = _best.ValidationsSince,
        Plateau = _plateau,
        AverageUpdates = _evaluation.Updates,
    };

    private void SaveIfDue()
    {
        if (Checkpoints is null || _savedStep == _step)
        {
            return;
        }

        if ((_options.Checkpoints.EverySteps is { } steps && _step % steps == 0)
            || (Seconds - _savedSeconds) / 60 >= _options.Checkpoints.EveryMinutes)
        {
            Save(isBest: false);
        }
    }

    private void Save(bool isBest)
    {
        using EvaluationSwap? swap = _evaluation.Enter(_step);
        Save(isBest, swap);
    }

    private void Save(bool isBest, EvaluationSwap? swap)
    {
        string path = Checkpoints!.Save(
            Capture(), ModelTensors.Of(_model), OptimizerFile.Tensors(_optimizer), OptimizerFile.Metadata(_optimizer), swap?.TrainingTensors(_model), _model.Multipliers);
        (_savedStep, _savedSeconds) = (_step, Seconds);
        _observer.OnCheckpoint(new CheckpointReport(_step, path, isBest));
    }

    /// <summary>Saves what was just validated, which is still in place of the weights in training where it is another.</summary>
    private void KeepBest(EvaluationSwap? swap)
    {
        if (Checkpoints is not null && _options.Checkpoints.KeepBest)
        {
            Save(isBest: true, swap);
        }
        else if (_options.Stop?.Patience is not null)
        {
            _bestWeights ??= new BestWeights(_model);
            _bestWeights.Capture();
        }
    }

    private void RestoreWeights(Checkpoint checkpoint)
    {
        string training = File.Exists(checkpoint.TrainingPath) ? checkpoint.TrainingPath : checkpoint.ModelPath;
        ModelTensors.Load(_model, training, static name => !name.StartsWith(EvaluationSwap.AveragePrefix, StringComparison.Ordinal));
        if (checkpoint.State.AverageUpdates > 0)
        {
            using SafeTensorsFile exact = SafeTensorsFile.Open(training);
            using SafeTensorsFile model = SafeTensorsFile.Open(checkpoint.ModelPath);
            _evaluation.Restore(
                checkpoint.State.AverageUpdates,
                name => exact.Contains(EvaluationSwap.AveragePrefix + name) ? exact.Read(EvaluationSwap.AveragePrefix + name) : model.Read(name));
        }
    }

    private bool RestoreBest()
    {
        if (_bestWeights is not null)
        {
            _bestWeights.Restore();
            return true;
        }

        if (Checkpoints is null || _best.Step is not { } best || !Checkpoints.Steps.Contains(best))
        {
            return false;
        }

        ModelTensors.Load(_model, Checkpoint.Open(Checkpoints.PathOf(best)).ModelPath);
        return true;
    }
}
