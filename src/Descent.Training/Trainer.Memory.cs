using Descent.Torch;
using Descent.Training.Configuration;
using Descent.Training.Memory;

namespace Descent.Training;

// What a trainer does when memory runs out.
public sealed partial class Trainer
{
    private ITrainingStep MakeStep(TrainingOptions options) =>
        options.Memory.Update == UpdateMoment.InBackward ? new UpdateInBackward(_model, _loss, _optimizer, _routing, options, _stateArena)
            : options.Optimizer is LbfgsOptions ? new LbfgsStep(_model, _loss, _optimizer, options, _microBatches)
            : new TrainingStep(_model, _loss, _optimizer, options);

    /// <summary>Writes a checkpoint while there is memory for it, and goes on with settings that take less; where there are none, the run ends.</summary>
    private StopDecision? SpareMemory()
    {
        if (Guard.Check() is not { } shortage)
        {
            return null;
        }

        if (Checkpoints is not null && _savedStep != _step && !_damaged)
        {
            Save(isBest: false);
        }

        bool inBackward = !UpdateInBackward.Refusals(_routing, _options).Any();
        if (MemoryGuard.Less(_memory, _model.Segments.Count, inBackward) is not { } less)
        {
            return new StopDecision(
                StopReason.Memory, $"{shortage}, and no setting takes less than the present ones do; set optimizer.state to int8, memory.parameters to bfloat16 or memory.disk, or end other programs");
        }

        _observer.OnWarning($"{shortage}: going on with memory.prefer memory, recompute {less.Recompute}, update {(less.Update == UpdateMoment.InBackward ? "in_backward" : "after_backward")}");
        (_trainingStep as IDisposable)?.Dispose();
        _memory = less;
        _trainingStep = MakeStep(_options with { Memory = less });
        _optimizer.zero_grad();
        _ = NativeAllocator.ReturnFreedBlocks();
        _ = Meter.Settled();
        return null;
    }
}
