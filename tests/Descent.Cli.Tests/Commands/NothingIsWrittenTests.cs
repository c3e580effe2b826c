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
    public async Task Train_WithWhatMakesNoSense_IsRefused()
    {
        await DescentProcess.RefusedAsync("--explain shows the plan that a budget asks for, and there is none", "train", RunFile(), "--out", _folder["run"], "--explain");
        await DescentProcess.RefusedAsync($"data.path: {_folder.Path} is a folder; give the path of a file", "train", RunFile(), "--out", _folder["run"], "--data", _folder.Path);
        Assert.False(Directory.Exists(_folder["run"]));
    }

    [Fact]
    public async Task Export_OverAFileOfAnotherKind_IsRefused()
    {
        string run = _folder["my run"];
        (int code, string output, string error) = await DescentProcess.RunAsync(["train", RunFile(), "--out", run]);
        Assert.True(code == ExitCode.Done, error);
        Assert.Contains($"descent report {Shell.Path(run)} OTHER_RUN", output);
        Assert.Contains("my run'", output);
        File.WriteAllText(_folder["notes"], "of a whole year, and no copy of them");

        await DescentProcess.RefusedAsync("notes: is there already, and holds no safetensors; choose another file", "export", run, "--output", _folder["notes"]);
        await DescentProcess.RefusedAsync("notes: is there already, and holds no HTML; choose another file", "report", run, "--output", _folder["notes"]);
        await DescentProcess.RefusedAsync("--study is for the report of a study", "report", run, "--study", "first");
        await DescentProcess.RefusedAsync("is a folder; choose a file", "export", run, "--output", _folder.Path);
        Assert.Equal("of a whole year, and no copy of them", File.ReadAllText(_folder["notes"]));

        // Its own kind is made anew, and the folder with it.
        for (int time = 0; time < 2; time++)
        {
            (code, _, error) = await DescentProcess.RunAsync("export", run, "--output", _folder["new/model.safetensors"]);
            Assert.True(code == ExitCode.Done, error);
            (code, _, error) = await DescentProcess.RunAsync("report", run, "--output", _folder["new/page.html"]);
            Assert.True(code == ExitCode.Done, error);
        }
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
