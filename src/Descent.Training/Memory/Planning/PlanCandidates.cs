using Descent.Optimizers;
using Descent.Torch;
using Descent.Training.Configuration;

namespace Descent.Training.Memory;

/// <summary>The settings that a plan looks at. What a run file sets away from its default stays as it is.</summary>
internal sealed class PlanCandidates(TrainingOptions options, Routing routing, int batchSize, int segments, bool splits, ParameterFormat[] parameters, StateFormat[] states)
{
    private MemoryOptions Memory => options.Memory;

    public PlannedSettings AsGiven => new()
    {
        Prefer = Memory.Prefer,
        Update = Memory.Update,
        Recompute = Math.Min(Memory.Recompute, segments - 1),
        BatchSize = batchSize,
        Accumulate = options.Gradients.Accumulate,
        State = options.Optimizer.StateFormat,
        Parameters = Memory.Parameters,
        Disk = Memory.Disk,
    };

    public IEnumerable<PlannedSettings> All() =>
        from parameter in parameters.Distinct()
        from state in states
        from update in Updates()
        from disk in Disks(update)
        from split in Splits(update)
        from recompute in Recomputes()
        from prefer in Memory.Prefer == MemoryPreference.Memory ? [MemoryPreference.Memory] : new[] { MemoryPreference.Speed, MemoryPreference.Memory }
        select AsGiven with
        {
            Prefer = prefer,
            Update = update,
            Recompute = recompute,
            BatchSize = batchSize / split,
            Accumulate = options.Gradients.Accumulate * split,
            State = state,
            Parameters = parameter,
            Disk = disk,
        };

    private IEnumerable<UpdateMoment> Updates()
    {
        if (Memory.Update == UpdateMoment.AfterBackward)
        {
            yield return UpdateMoment.AfterBackward;
        }

        if (Memory.Update == UpdateMoment.InBackward || !UpdateInBackward.Refusals(routing, options).Any())
        {
            yield return UpdateMoment.InBackward;
        }
    }

    private IEnumerable<DiskUse> Disks(UpdateMoment update) =>
        Memory.Disk != DiskUse.Nothing || Memory.Folder is null || update != UpdateMoment.InBackward ? [Memory.Disk] : [DiskUse.Nothing, DiskUse.States, DiskUse.Both];

    // Several micro-batches equal the large batch to rounding, but BatchNorm sees smaller ones; update in backward takes one.
    private IEnumerable<int> Splits(UpdateMoment update)
    {
        yield return 1;
        bool fixedWindow = options.Gradients.FullBatch || options.Schedules.ContainsKey(ScheduledOptions.AccumulateKey) || options.Schedules.ContainsKey(ScheduledOptions.BatchSizeKey);
        for (int split = 2; splits && !fixedWindow && update == UpdateMoment.AfterBackward && split <= batchSize; split *= 2)
        {
            if (batchSize % split == 0)
            {
                yield return split;
            }
        }
    }

    private IEnumerable<int> Recomputes()
    {
        int most = segments - 1;
        return Memory.Recompute > 0 ? [Math.Min(Memory.Recompute, most)] : new[] { 0, most / 4, most / 2, most * 3 / 4, most }.Distinct();
    }
}
