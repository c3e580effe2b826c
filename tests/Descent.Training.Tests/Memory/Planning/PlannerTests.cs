using Descent.Training.Configuration;
using Descent.Training.Memory;
using Descent.Training.Models;
using Descent.Training.Tests.Models;
using Descent.Training.Tests.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Descent.Training.Tests.Memory.Planning;

public sealed class PlannerTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    /// <summary>The least memory comes from recomputing all and updating in backward, and is less than what was given.</summary>
    [Fact]
    public void Of_WithoutABudget_KeepsTheSettings_AndKnowsWhatTakesLess()
    {
        MemoryPlan plan = Planned(new MemoryOptions());
        Assert.Equal(plan.AsGiven, plan.Chosen);
        Assert.True(plan.Smallest.Peak.Total < plan.AsGiven.Peak.Total);
        Assert.Equal(plan.Rows.Count, plan.Rows.Select(static row => row.Settings).Distinct().Count());
        Assert.All(plan.Rows, static row => Assert.Equal(8, row.Settings.BatchSize * row.Settings.Accumulate));
        PlanRow[] frontier = [.. plan.Frontier()];
        Assert.NotEmpty(frontier);
        Assert.All(frontier, row => Assert.DoesNotContain(plan.Rows, other => other.Peak.Total < row.Peak.Total && other.StepSeconds <= row.StepSeconds));
    }

    [Fact]
    public void Of_ABudgetThatNothingFits_NamesTheLeastThatWorks()
    {
        MemoryPlan plan = Planned(new MemoryOptions { Budget = "1MiB" });
        Assert.Null(plan.Chosen);
        string message = Assert.Throws<BadInputException>(() => plan.Apply(Options(new MemoryOptions { Budget = "1MiB" }))).Message;
        Assert.StartsWith("memory.budget: 1 MiB is too little", message, StringComparison.Ordinal);
        Assert.Contains("is the least that works", message, StringComparison.Ordinal);
        Assert.Contains("memory.allow_rounding", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_WhatIsSet_StaysAsItIs()
    {
        MemoryPlan plan = Planned(new MemoryOptions { Prefer = MemoryPreference.Memory, Recompute = 1, Update = UpdateMoment.InBackward });
        Assert.All(plan.Rows, static row => Assert.Equal((MemoryPreference.Memory, 1, UpdateMoment.InBackward), (row.Settings.Prefer, row.Settings.Recompute, row.Settings.Update)));
    }

    /// <summary>Segments are run forward and backward to measure them; nothing of it is left in the weights of the run.</summary>
    [Fact]
    public void Within_EnoughMemory_TrainsToTheSameBits_AndSaysWhatItPredicts()
    {
        (byte[] plain, Recorder without) = Train(new MemoryOptions());
        (byte[] planned, Recorder with) = Train(Plan.Within("64GiB"));
        Assert.Equal(plain, planned);
        Assert.Null(without.Started!.PredictedMemory);
        Assert.InRange(with.Started!.PredictedMemory!.Value, 1 << 20, 64L << 30);
        Assert.True(with.Started.PredictedStepSeconds > 0);
    }

    [Fact]
    public void Within_TooLittle_IsRefusedBeforeAnythingIsTrained() =>
        Assert.StartsWith("memory.budget: ", Assert.Throws<BadInputException>(() => Train(Plan.Within("2MiB"))).Message, StringComparison.Ordinal);

    private static MemoryPlan Planned(MemoryOptions memory)
    {
        using Model model = Build();
        return Planner.Of(model, CountingTokens.Split(), 8, Options(memory));
    }

    private static (byte[] Weights, Recorder Told) Train(MemoryOptions memory)
    {
        using Model model = Build();
        var told = new Recorder();
        using var trainer = new Trainer(model, CountingTokens.Split(), 8, Options(memory)) { Observers = [told] };
        trainer.Run(TestContext.Current.CancellationToken);
        return ([.. model.state_dict().Values.SelectMany(static tensor => tensor.bytes.ToArray())], told);
    }

    private static TrainingOptions Options(MemoryOptions memory) => new() { Stop = new StopOptions { Steps = 2 }, Memory = memory };

    private static Model Build() => TestModels.CountingGpt(new MemoryOptions());
}
