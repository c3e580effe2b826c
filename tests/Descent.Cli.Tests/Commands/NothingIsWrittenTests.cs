namespace Descent.Cli.Tests.Commands;

/// <summary>Input that cannot be trained is refused before a run's folder exists, and a run keeps what it was begun with.</summary>
public sealed class NothingIsWrittenTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("loss.kind=huber", "huber needs targets")]
    [InlineData("initialization.optimizer_state=/nowhere", "'/nowhere', which doesn't exist")]
    [InlineData("validation.metric=validation/acuracy", "did you mean 'validation/accuracy'?")]
    [InlineData("stop={steps: 5, target: {metric: nonsense, below: 1}}", "stop.target.metric is 'nonsense'")]
    public async Task Train_OfWhatDoesNotFit_LeavesNoFolder(string setting, string expected)
    {
        (int code, _, string error) = await DescentProcess.RunAsync(["train", RunFile(), "--out", _folder["run"], "--set", setting]);

        Assert.Equal(ExitCode.BadInput, code);
        Assert.Contains(expected, error);
        Assert.Single(error.TrimEnd().Split('\n'));
        Assert.False(Directory.Exists(_folder["run"]));
    }

    [Fact]
    public async Task Resume_WithAnotherSeed_IsRefused()
    {
        await DescentProcess.RunAsync(["train", RunFile(), "--out", _folder["run"]]);
        (int code, _, string error) = await DescentProcess.RunAsync(["resume", _folder["run"], "--set", "seed=9"]);

        Assert.Equal(ExitCode.BadInput, code);
        Assert.Contains("a run keeps its seed", error);
        Assert.Contains("seed: 1", File.ReadAllText(_folder["run/run.yaml"]));
    }

    [Fact]
    public async Task Train_IntoAnEmptyName_IsRefused()
    {
        (int code, _, string error) = await DescentProcess.RunAsync(["train", RunFile(), "--out", ""]);

        Assert.Equal(ExitCode.BadInput, code);
        Assert.Contains("an empty name", error);
    }

    private string RunFile()
    {
        File.WriteAllLines(_folder["table.csv"], Enumerable.Range(1, 60).Select(i => $"{i},{i * i % 17},{(i % 2 == 0 ? "even" : "odd")}").Prepend("a,b,y"));
        File.WriteAllText(_folder["run.yaml"], $"model: mlp\ndata: {{ kind: csv, path: '{_folder["table.csv"]}', target: y, batch_size: 8 }}\nstop: {{ steps: 5 }}\n");
        return _folder["run.yaml"];
    }
}
