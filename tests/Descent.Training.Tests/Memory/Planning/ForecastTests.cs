using Descent.Training.Memory;

namespace Descent.Training.Tests.Memory.Planning;

/// <summary>A chain of embedding, two blocks and a head with round numbers, against a step gone through by hand.</summary>
public sealed class ForecastTests
{
    private static readonly SegmentCost Block = new()
    {
        Parameters = 1000,
        Elements = 250,
        Read = 1000,
        Output = 10,
        Kept = 100,
        ForwardPeak = 120,
        InferencePeak = 40,
        BackwardPeak = 1050,
        ForwardSeconds = 1,
        InferenceSeconds = 0.5,
        BackwardSeconds = 2,
    };

    private static readonly SegmentCost[] Chain =
    [
        new() { Parameters = 500, Elements = 125, Read = 500, Output = 10, Kept = 20, ForwardPeak = 20, InferencePeak = 15, BackwardPeak = 510, ForwardSeconds = 0.25, InferenceSeconds = 0.125, BackwardSeconds = 0.5 },
        Block,
        Block,
        new() { Parameters = 0, Read = 500, BackwardPeak = 900, BackwardSeconds = 4 },
    ];

    [Fact]
    public void Of_AfterBackward_HoldsParametersGradientsStatesAndActivations()
    {
        PlanRow row = Predict(new PlannedSettings { BatchSize = 4, Prefer = MemoryPreference.Memory });

        // The highest point is the head: 20 + 100 + 100 kept, its gradient of 500 is there already.
        Assert.Equal(7, row.Peak.Process);
        Assert.Equal(2500, row.Peak.Parameters);
        Assert.Equal(2500, row.Peak.Gradients);
        Assert.Equal(5000, row.Peak.States);
        Assert.Equal(220, row.Peak.Activations);
        Assert.Equal(400, row.Peak.Loss);
        Assert.Equal(0, row.Peak.Workspace);
        Assert.Equal(0.25 + 1 + 1 + 4 + 2 + 2 + 0.5 + 0.625, row.StepSeconds, 1e-9);
    }

    [Fact]
    public void Of_InBackward_HoldsOneSegmentsGradients()
    {
        PlanRow row = Predict(new PlannedSettings { BatchSize = 4, Prefer = MemoryPreference.Memory, Update = UpdateMoment.InBackward });

        // The second block's backward: 220 kept, the incoming gradient of 10 and 1,050 of which 1,000 are its gradients.
        Assert.Equal(1000, row.Peak.Gradients);
        Assert.Equal(220, row.Peak.Activations);
        Assert.Equal(60, row.Peak.Workspace);
        Assert.Equal(0, row.Peak.Loss);
    }

    [Fact]
    public void Of_Recompute_KeepsInputsAlone_AndRunsForwardAgain()
    {
        PlanRow row = Predict(new PlannedSettings { BatchSize = 4, Prefer = MemoryPreference.Memory, Recompute = 3 });

        // Outputs of 10 each at the head; the time has no forward that keeps but those of backward.
        Assert.Equal(30, row.Peak.Activations);
        Assert.Equal(0.125 + 0.5 + 0.5 + 4 + 3 + 3 + 0.75 + 0.625, row.StepSeconds, 1e-9);
    }

    [Fact]
    public void Of_MicroBatches_RunsThePassSoOften_AndUpdatesOnce() =>
        Assert.Equal((2 * 10.75) + 0.625, Predict(new PlannedSettings { BatchSize = 2, Accumulate = 2, Prefer = MemoryPreference.Memory }).StepSeconds, 1e-9);

    [Fact]
    public void Of_Disk_HoldsASegmentAndItsNeighbour()
    {
        PlanRow row = Predict(new PlannedSettings { BatchSize = 4, Prefer = MemoryPreference.Memory, Update = UpdateMoment.InBackward, Recompute = 3, Disk = DiskUse.Both });
        Assert.Equal(2000, row.Peak.Parameters);
        Assert.Equal(4000, row.Peak.States);
    }

    [Fact]
    public void Of_KeptBlocks_AddsFragments()
    {
        PlanRow row = Predict(new PlannedSettings { BatchSize = 4 }, fragments: 0.5);
        Assert.Equal((2500 + 2500 + 5000 + 220 + 400) / 2, row.Peak.Workspace);
    }

    private static PlanRow Predict(PlannedSettings settings, double fragments = 0) => Forecast.Of(
        new ForecastFacts
        {
            Process = 7,
            Segments = (_, _, _) => Chain,
            States = (_, _) => [1000, 2000, 2000, 0],
            Update = (_, _, _) => new UpdateCost(1e-3, 0),
            Fragments = fragments,
        },
        settings);
}
