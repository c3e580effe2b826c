using Descent.Torch;
using Descent.Training.Checkpoints;
using TorchSharp;
using static TorchSharp.torch;

namespace Descent.Training.Tests.Checkpoints;

public sealed class CheckpointStoreTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly List<string> _warnings = [];

    public void Dispose()
    {
        _scope.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Save_KeepsTheLastAndTheBest()
    {
        CheckpointStore store = Store(keepLast: 2);
        foreach (long step in new long[] { 10, 20, 30, 40, 50 })
        {
            Save(store, step, best: Math.Min(step, 20));
        }

        Assert.Equal([50, 40, 20], store.Steps);
        Assert.Equal(20, store.OpenBest(_warnings.Add).State.Step);
    }

    [Fact]
    public void Save_AfterGoingBack_RemovesTheFutureThatWillNotBe()
    {
        CheckpointStore store = Store(keepLast: 5);
        Save(store, 10, 10);
        Save(store, 20, 10);
        Save(store, 15, 10);

        Assert.Equal([15, 10], store.Steps);
    }

    [Fact]
    public void Save_OfTheSameStep_Replaces()
    {
        CheckpointStore store = Store(keepLast: 2);
        Save(store, 10, 10, weight: 1);
        Save(store, 10, 10, weight: 2);

        using SafeTensorsFile file = SafeTensorsFile.Open(store.OpenNewest(_warnings.Add).ModelPath);
        Assert.Equal(2, file.Read("w").item<float>());
    }

    [Theory]
    [InlineData("model.safetensors")]
    [InlineData("optimizer.safetensors")]
    [InlineData("trainer.json")]
    [InlineData("SHA256SUMS")]
    public void OpenNewest_WithADamagedFile_NamesItAndTakesTheOneBefore(string name)
    {
        CheckpointStore store = Store(keepLast: 2);
        Save(store, 10, 10);
        Save(store, 20, 10);
        string damaged = Path.Combine(store.PathOf(20), name);
        byte[] bytes = File.ReadAllBytes(damaged);
        bytes[^(bytes.Length / 3)] ^= 1;
        File.WriteAllBytes(damaged, bytes);

        Assert.Equal(10, store.OpenNewest(_warnings.Add).State.Step);
        Assert.Contains("step-000020", Assert.Single(_warnings), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("model.safetensors")]
    [InlineData("SHA256SUMS")]
    public void OpenNewest_WithAMissingFile_TakesTheOneBefore(string name)
    {
        CheckpointStore store = Store(keepLast: 2);
        Save(store, 10, 10);
        Save(store, 20, 10);
        File.Delete(Path.Combine(store.PathOf(20), name));

        Assert.Equal(10, store.OpenNewest(_warnings.Add).State.Step);
    }

    [Fact]
    public void OpenNewest_WithNoneOrOnlyDamagedOnes_SaysSo()
    {
        CheckpointStore store = Store(keepLast: 1);
        Assert.Contains("there is no checkpoint", Assert.Throws<BadInputException>(() => store.OpenNewest(_warnings.Add)).Message, StringComparison.Ordinal);

        Save(store, 10, 10);
        File.WriteAllText(Path.Combine(store.PathOf(10), "trainer.json"), "{}");
        Assert.Contains("no checkpoint is whole", Assert.Throws<BadInputException>(() => store.OpenNewest(_warnings.Add)).Message, StringComparison.Ordinal);
        Assert.Empty(_warnings);
    }

    [Fact]
    public void Save_AfterAnInterruptedSave_ClearsWhatItLeft()
    {
        CheckpointStore store = Store(keepLast: 2);
        string leftover = Directory.CreateDirectory(Path.Combine(_folder.Path, ".step-000005.tmp")).FullName;
        File.WriteAllText(Path.Combine(leftover, "model.safetensors"), "half");
        Save(store, 10, 10);

        Assert.False(Directory.Exists(leftover));
        Assert.Equal([10], store.Steps);
    }

    [Fact]
    public void Save_ThatFails_LeavesNothingBehind()
    {
        CheckpointStore store = Store(keepLast: 2);
        Save(store, 10, 10);
        static IEnumerable<(string, Tensor)> Full()
        {
            yield return ("w", zeros(3));
            throw new IOException("no space left");
        }

        Assert.Throws<IOException>(() => store.Save(
            new TrainerState { Step = 20, Epoch = 0, Sample = 0, Seconds = 1, ParameterSteps = new Dictionary<string, long>(), BestStep = 10 }, [("w", tensor(0f))], Full()));
        Assert.Equal([store.PathOf(10)], Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    private CheckpointStore Store(int keepLast) => new(_folder.Path, keepLast);

    private static void Save(CheckpointStore store, long step, long best, float weight = 0)
        => store.Save(
            new TrainerState { Step = step, Epoch = 0, Sample = 0, Seconds = 1, ParameterSteps = new Dictionary<string, long>(), BestStep = best },
            [("w", tensor(weight))],
            [("w/exp_avg", zeros(3))]);
}
