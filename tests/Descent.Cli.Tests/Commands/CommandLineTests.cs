namespace Descent.Cli.Tests.Commands;

public sealed class CommandLineTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("There is no command 'reprot'; did you mean 'report'? See 'descent --help'.", "reprot", "x")]
    [InlineData("There is no option '--outptu'; did you mean '--output'? See 'descent report --help'.", "report", "x", "--outptu", "y")]
    [InlineData("There is nothing to report on; name folders of runs, the folder of a study, or a study's journal with --journal.", "report")]
    [InlineData("There is no run directory /nowhere. Name the folder of a run: the one that 'descent train' prints and that holds metrics.jsonl.", "report", "/nowhere")]
    public async Task Mistake_IsOneLineOnTheErrorStream(string expected, params string[] arguments)
    {
        (int code, string output, string error) = await DescentProcess.RunAsync(arguments);

        Assert.Equal($"descent: {expected}\n", error);
        Assert.Equal("", output);
        Assert.Equal(ExitCode.BadInput, code);
    }

    [Fact]
    public async Task NoCommand_ShowsTheHelpAndIsAMistake()
    {
        (int code, string output, string error) = await DescentProcess.RunAsync();

        Assert.Contains("Usage:", output);
        Assert.Contains("descent: ", error);
        Assert.Equal(ExitCode.BadInput, code);
    }

    [Fact]
    public async Task Help_OfACommand_ClosesWithExamples()
    {
        (int code, string output, _) = await DescentProcess.RunAsync("report", "--help");

        Assert.Contains("Examples:\n  descent report runs/tales\n", output);
        Assert.Equal(ExitCode.Done, code);
    }

    [Fact]
    public async Task Report_WritesThePageIntoTheRun()
    {
        string run = RunFolder.WriteUsual(_folder, "tales");

        (int code, string output, string error) = await DescentProcess.RunAsync("report", run);

        Assert.Equal("", error);
        Assert.Equal(Path.Combine(run, "report.html") + "\n", output);
        Assert.Contains("<h1>tales</h1>", File.ReadAllText(Path.Combine(run, "report.html")));
        Assert.Equal(ExitCode.Done, code);
    }

    [Fact]
    public async Task Report_WhereNothingCanBeWritten_SaysWhatToDo()
    {
        string run = RunFolder.WriteUsual(_folder, "tales");

        (int code, _, string error) = await DescentProcess.RunAsync("report", run, "--output", Path.Combine(run, "metrics.jsonl", "report.html"));

        Assert.Matches(@"^descent: The report can't be written to .*metrics\.jsonl/report\.html: .* Choose another file with --output\.\n$", error);
        Assert.Equal(ExitCode.BadInput, code);
    }
}
