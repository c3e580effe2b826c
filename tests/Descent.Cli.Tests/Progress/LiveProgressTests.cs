using Descent.Cli.Progress;
using Descent.Training;
using Microsoft.Extensions.Time.Testing;
using Spectre.Console;
using Spectre.Console.Testing;

namespace Descent.Cli.Tests.Progress;

public sealed class LiveProgressTests : IDisposable
{
    private const string HideCursor = "\e[?25l";
    private const string ShowCursor = "\e[?25h";

    private readonly TestConsole _console = new TestConsole().Width(100).Interactive().EmitAnsiSequences();
    private readonly FakeTimeProvider _time = new();

    public void Dispose() => _console.Dispose();

    [Fact]
    public void Stopped_LeavesTheLastStateAndTheCursor()
    {
        using var progress = new LiveProgress(_console, _time);
        progress.OnStarted(Events.Started());
        progress.OnStep(Events.Step(1));
        progress.OnStep(Events.Step(2));
        progress.OnStopped(Events.Stopped(2));

        string output = _console.Output;
        Assert.Contains("2 / 2,000", output);
        Assert.EndsWith("2 steps in 0:01, peak memory 1.5 GiB\n", output);
        Assert.True(output.LastIndexOf(ShowCursor, StringComparison.Ordinal) > output.LastIndexOf(HideCursor, StringComparison.Ordinal), output);
    }

    [Fact]
    public void Disposed_WithoutAnEnd_GivesTheTerminalBack()
    {
        var progress = new LiveProgress(_console, _time);
        progress.OnStarted(Events.Started());
        progress.OnStep(Events.Step(3));
        progress.Dispose();
        progress.Dispose();

        Assert.Contains("3 / 2,000", _console.Output);
        Assert.EndsWith(ShowCursor, _console.Output);
    }

    [Fact]
    public void SampleAndWarning_AreWrittenWithoutTheirControlCharacters()
    {
        using var progress = new LiveProgress(_console, _time);
        progress.OnStarted(Events.Started());
        progress.OnSample(new SampleReport(5, "Once", " upon\u001b]0;owned\u0007 [red]a[/] time"));
        progress.OnWarning("[bold]Careful[/] with markup");
        progress.OnStopped(Events.Stopped(5));

        Assert.Contains("Once upon·]0;owned· [red]a[/] time", _console.Output);
        Assert.Contains("warning: [bold]Careful[/] with markup", _console.Output);
    }

    [Theory]
    [InlineData(false, "xterm-256color", null, null, true)]
    [InlineData(false, "xterm-256color", "", "false", true)]
    [InlineData(true, "xterm-256color", null, null, false)]
    [InlineData(false, "dumb", null, null, false)]
    [InlineData(false, "xterm-256color", "1", null, false)]
    [InlineData(false, "xterm-256color", null, "true", false)]
    public void Create_ChoosesByTheTerminal(bool isRedirected, string term, string? noColor, string? ci, bool expected)
    {
        ITrainingObserver progress = ProgressDisplay.Create(
            _console,
            isRedirected,
            name => name switch { "TERM" => term, "NO_COLOR" => noColor, "CI" => ci, _ => null },
            _time);

        Assert.Equal(expected, progress is LiveProgress);
    }
}
