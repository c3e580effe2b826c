using Descent.Training.Checkpoints;
using Descent.Training.Configuration;
using Descent.Training.Memory;
using Descent.Training.Models;
using Descent.Training.Tests.Models;
using Descent.Training.Tests.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Descent.Training.Tests.Memory;

public sealed class MemoryGuardTests : IDisposable
{
    private static readonly MemoryState Plenty = new(16L << 30, 8L << 30, 1L << 30);
    private static readonly MemoryState Short = new(16L << 30, 200L << 20, 1L << 30);

    private readonly TemporaryFolder _folder = new();
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose()
    {
        _scope.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Check_SaysWhatIsShort()
    {
        Assert.Null(new MemoryGuard(static () => Plenty, null, TimeSpan.Zero).Check());
        Assert.Null(new MemoryGuard(static () => null, 1, TimeSpan.Zero).Check());
        Assert.Equal("200 MiB of 16.00 GiB memory are left", new MemoryGuard(static () => Short, null, TimeSpan.Zero).Check());
        Assert.Equal("the process has 1.00 GiB of a budget of 900 MiB", new MemoryGuard(static () => Plenty, 900L << 20, TimeSpan.Zero).Check());
        Assert.Null(new MemoryGuard(static () => Plenty, 1L << 30, TimeSpan.Zero).Check());
    }

    [Fact]
    public void Check_SoonAgain_DoesNotLook()
    {
        int reads = 0;
        var guard = new MemoryGuard(() => ++reads > 0 ? Short : null, null, TimeSpan.FromHours(1));
        Assert.NotNull(guard.Check());
        Assert.Null(guard.Check());
        Assert.Equal(1, reads);
    }

    [Fact]
    public void State_OfThisMachine_IsKnownOnLinux()
    {
        if (!OperatingSystem.IsLinux())
        {
            Assert.Null(MemoryState.Read());
            return;
        }

        MemoryState state = MemoryState.Read()!.Value;
        Assert.InRange(state.Available, 1, state.Total);
        Assert.InRange(state.Resident, 1, state.Total);
    }

    [Fact]
    public void Less_GoesFromKeptBlocksToRecomputingToUpdatesInBackward()
    {
        MemoryOptions? first = MemoryGuard.Less(new MemoryOptions(), segments: 4, inBackward: true);
        Assert.Equal((MemoryPreference.Memory, 3, UpdateMoment.AfterBackward), (first!.Prefer, first.Recompute, first.Update));
        MemoryOptions? second = MemoryGuard.Less(first, segments: 4, inBackward: true);
        Assert.Equal(UpdateMoment.InBackward, second!.Update);
        Assert.Null(MemoryGuard.Less(second, segments: 4, inBackward: true));
        Assert.Null(MemoryGuard.Less(first, segments: 4, inBackward: false));
    }

    /// <summary>A run that changes its settings on the way ends with the bits of one that never had to.</summary>
    [Fact]
    public void Run_WhenMemoryGetsShort_SavesAndGoesOnWithLess()
    {
        (byte[] expected, _, _) = Train(new MemoryGuard(static () => Plenty, null, TimeSpan.Zero));
        int reads = 0;
        (byte[] found, Recorder told, RunStopped end) = Train(new MemoryGuard(() => ++reads is 2 or 4 ? Short : Plenty, null, TimeSpan.Zero));
        Assert.Equal(expected, found);
        Assert.Equal(StopReason.Steps, end.Reason);
        Assert.Equal(2, told.Warnings.Count);
        Assert.Contains("memory are left: going on with memory.prefer memory, recompute 3, update after_backward", told.Warnings[0], StringComparison.Ordinal);
        Assert.Contains("update in_backward", told.Warnings[1], StringComparison.Ordinal);
        Assert.Contains(2, Store().Steps);
    }

    [Fact]
    public void Run_WhenNothingTakesLess_SavesAndSaysWhy()
    {
        (_, _, RunStopped end) = Train(new MemoryGuard(static () => Short, null, TimeSpan.Zero));
        Assert.Equal(StopReason.Memory, end.Reason);
        Assert.Contains("no setting takes less", end.Message, StringComparison.Ordinal);
        Assert.Equal(3, Store().Steps[0]);
    }

    private (byte[] Weights, Recorder Told, RunStopped End) Train(MemoryGuard guard)
    {
        using Model model = TestModels.CountingGpt(new MemoryOptions());
        var told = new Recorder();
        var options = new TrainingOptions { Stop = new StopOptions { Steps = 6 }, Checkpoints = new CheckpointOptions { KeepBest = false } };
        using var trainer = new Trainer(model, CountingTokens.Split(), 4, options) { Observers = [told], Checkpoints = Store(), Guard = guard };
        RunStopped end = trainer.Run(TestContext.Current.CancellationToken);
        return ([.. model.state_dict().Values.SelectMany(static tensor => tensor.bytes.ToArray())], told, end);
    }

    private CheckpointStore Store() => new(_folder.File("checkpoints"), keepLast: 9, keepBest: false);
}
