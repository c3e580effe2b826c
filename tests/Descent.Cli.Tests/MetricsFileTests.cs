using Descent.Training;

namespace Descent.Cli.Tests;

public sealed class MetricsFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string FilePath => _folder["metrics.jsonl"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Read_AfterARun_GivesEveryEventBack()
    {
        var sample = new SampleReport(0, "Once", " upon a time: \"</script>\" é 漢 😀 \u0001\n");
        var checkpoint = new CheckpointReport(2, "checkpoints/step-000002", IsBest: true);
        Write(0, file =>
        {
            file.OnSample(sample);
            file.OnStep(Events.Step(1));
            file.OnStep(Events.Step(2));
            file.OnWarning("The schedule has an unused setting.");
            file.OnValidated(Events.Validation(2, 3.25, best: true));
            file.OnCheckpoint(checkpoint);
            file.OnStopped(Events.Stopped(2, StopReason.NonFinite));
        });

        MetricsLog log = MetricsLog.Read(FilePath);

        Assert.Equivalent(new[] { Events.Started() }, log.Starts, strict: true);
        Assert.Equivalent(new[] { Events.Step(1), Events.Step(2) }, log.Steps, strict: true);
        Assert.Equivalent(new[] { Events.Validation(2, 3.25, best: true) }, log.Validations, strict: true);
        Assert.Equal([sample], log.Samples);
        Assert.Equal([checkpoint], log.Checkpoints);
        Assert.Equal([new WarningReport(2, "The schedule has an unused setting.")], log.Warnings);
        Assert.Equal(Events.Stopped(2, StopReason.NonFinite), log.Stopped);
    }

    [Fact]
    public void Write_Event_IsOneSnakeCaseLineInTheFileAtOnce()
    {
        using var file = new MetricsFile(FilePath);
        file.OnStarted(Events.Started());
        file.OnStep(Events.Step(1));

        string[] lines = ReadShared();

        Assert.StartsWith("{\"event\":\"started\",\"run_directory\":\"runs/tales\",\"model\":\"gpt, 6 layers × 384, 10.7 M parameters\"", lines[0]);
        Assert.Contains("\"gradient_norm\":0.8125", lines[1]);
        Assert.Equal("", lines[2]);
    }

    [Theory]
    [InlineData(double.NaN, "\"NaN\"")]
    [InlineData(double.PositiveInfinity, "\"Infinity\"")]
    [InlineData(double.NegativeInfinity, "\"-Infinity\"")]
    [InlineData(0.1, "0.1")]
    [InlineData(double.Epsilon, "5E-324")]
    public void Read_Number_IsTheOneWritten(double value, string text)
    {
        Write(0, file => file.OnStep(Events.Step(1, value)));

        Assert.Contains($"\"loss\":{text},", File.ReadAllText(FilePath));
        Assert.Equal(value, MetricsLog.Read(FilePath).Steps[0].Loss);
    }

    [Fact]
    public void Write_ResumedAtAStep_DropsOnlyLaterLinesAndTheTornOne()
    {
        Write(0, file =>
        {
            for (int step = 1; step <= 5; step++)
            {
                file.OnStep(Events.Step(step));
                file.OnValidated(Events.Validation(step, step, best: false));
            }

            file.OnStopped(Events.Stopped(5, StopReason.Interrupted));
        });
        File.AppendAllText(FilePath, "{\"event\":\"step\",\"st");

        Write(3, file => file.OnStep(Events.Step(4, loss: 40)));

        MetricsLog log = MetricsLog.Read(FilePath);
        Assert.Equal([0, 3], log.Starts.Select(start => start.Step));
        Assert.Equal([1, 2, 3, 4], log.Steps.Select(step => step.Step));
        Assert.Equal(40, log.Steps[^1].Loss);
        Assert.Equal([1, 2, 3], log.Validations.Select(validation => validation.Step));
        Assert.Null(log.Stopped);
        Assert.Equal([FilePath], Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void Write_StartedFromStepZero_StartsTheFileAnew()
    {
        Write(0, file => file.OnStep(Events.Step(1)));
        Write(0, file => file.OnStep(Events.Step(1, loss: 7)));

        MetricsLog log = MetricsLog.Read(FilePath);
        Assert.Single(log.Starts);
        Assert.Equal(7, Assert.Single(log.Steps).Loss);
    }

    [Fact]
    public void Read_LineLongerThanTheBuffer_IsWhole()
    {
        string text = new('x', 300_000);
        Write(0, file =>
        {
            file.OnSample(new SampleReport(0, "", text));
            file.OnStep(Events.Step(1));
        });

        MetricsLog log = MetricsLog.Read(FilePath);
        Assert.Equal(text, log.Samples[0].Text);
        Assert.Single(log.Steps);
    }

    [Theory]
    [InlineData("not json", "line 2 is not an event")]
    [InlineData("{\"event\":\"step\",\"step\":1}", "line 2 is not an event")]
    [InlineData("{\"event\":\"stepp\",\"step\":1}", "'stepp' is none of started, step")]
    [InlineData("null", "line 2 is not an event")]
    public void Read_DamagedLine_SaysWhichOne(string line, string expected)
    {
        Write(0, _ => { });
        File.AppendAllText(FilePath, line + "\n");

        var error = Assert.Throws<BadInputException>(() => MetricsLog.Read(FilePath));
        Assert.Contains(expected, error.Message);
        Assert.Contains(FilePath, error.Message);
    }

    [Fact]
    public void Read_FileOfSomethingElse_SaysSo()
    {
        File.WriteAllText(FilePath, "");
        Assert.Contains("holds no start of a run", Assert.Throws<BadInputException>(() => MetricsLog.Read(FilePath)).Message);
        Assert.Contains("There is no metrics file", Assert.Throws<BadInputException>(() => MetricsLog.Read(_folder["none.jsonl"])).Message);
    }

    [Fact]
    public void Write_BeforeTheStart_IsAnError()
    {
        using var file = new MetricsFile(FilePath);
        Assert.Throws<InvalidOperationException>(() => file.OnWarning("too early"));
    }

    private void Write(long step, Action<MetricsFile> events)
    {
        using var file = new MetricsFile(FilePath);
        file.OnStarted(Events.Started(step));
        events(file);
    }

    private string[] ReadShared()
    {
        using var reader = new StreamReader(new FileStream(FilePath, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        return reader.ReadToEnd().Split('\n');
    }
}
