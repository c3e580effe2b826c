namespace Descent.Cli.Tests.Commands;

public sealed class FindRateTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task FindRate_SuggestsARateABatchAndWritesThePage()
    {
        File.WriteAllLines(_folder["table.csv"], Enumerable.Range(1, 400).Select(i => $"{i % 20},{i * i % 17},{(i % 20 > 9 ? "high" : "low")}").Prepend("a,b,y"));
        File.WriteAllText(_folder["run.yaml"], $"model: {{ kind: mlp, widths: [8] }}\ndata: {{ kind: csv, path: '{_folder["table.csv"]}', target: y, batch_size: 8 }}\n");

        (int code, string output, string error) = await DescentProcess.RunAsync(["find-lr", _folder["run.yaml"], "--output", _folder["rates.html"], "--noise-steps", "5"]);

        Assert.Equal("", error);
        Assert.True(code == ExitCode.Done, output);
        Assert.Contains("•", output);
        Assert.Matches(@"begin with optimizer\.learning_rate \d", output);
        Assert.Contains("gradient noise scale after 5 steps", output);
        Assert.Contains("a step has 8 samples", output);
        string page = File.ReadAllText(_folder["rates.html"]);
        Assert.Contains("<h1>run</h1>", page);
        Assert.Contains("\"steepest\":", page);
        Assert.Contains("Made by <b>descent find-lr</b>", page);
    }

    [Theory]
    [InlineData("its end must be above its beginning", "--from", "1", "--to", "0.1")]
    [InlineData("steps is 3", "--steps", "3")]
    [InlineData("lbfgs, which finds the length", "--set", "optimizer=lbfgs")]
    public async Task BadInput_IsOneLine(string expected, params string[] arguments)
    {
        File.WriteAllLines(_folder["table.csv"], Enumerable.Range(1, 60).Select(i => $"{i},{(i % 2 == 0 ? "even" : "odd")}").Prepend("a,y"));
        File.WriteAllText(_folder["run.yaml"], $"model: mlp\ndata: {{ kind: csv, path: '{_folder["table.csv"]}', target: y }}\n");

        (int code, _, string error) = await DescentProcess.RunAsync(["find-lr", _folder["run.yaml"], "--output", _folder["rates.html"], .. arguments]);

        Assert.Equal(ExitCode.BadInput, code);
        Assert.Contains(expected, error);
        Assert.Single(error.TrimEnd('\n').Split('\n'));
        Assert.False(File.Exists(_folder["rates.html"]));
    }
}
