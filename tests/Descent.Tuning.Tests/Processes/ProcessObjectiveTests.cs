using System.Diagnostics;
using Descent.Journal;
using Descent.Tests;
using Descent.Tuning.Pruners;

namespace Descent.Tuning.Tests.Processes;

/// <summary>Trials that are processes: what they are told, what they say, how they end.</summary>
public sealed class ProcessObjectiveTests
{
    private static readonly SearchSpace Space = new(Parameter.Integer("n", 1, 9), Parameter.Choice("kind", "a", "b c"), Parameter.Integer("only_a", 0, 5).When("kind == a"));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Run_TellsValuesAndHearsResults()
    {
        using TemporaryFolder folder = new();
        string script =
            """
            echo starting; echo '{"epoch": 1}'; echo '{not json'
            echo '{"step":1,"value":"NaN"}'
            echo "{\"step\":2,\"value\":$1}"
            echo "$#|$1|$2|$DESCENT_TRIAL|$DESCENT_TRIAL_CONFIGURATION" > "$DESCENT_TRIAL_FOLDER/seen"
            echo "{\"objectives\":[$1]}"
            """;
        TrialRecord[] trials = await RunAsync(Shell(script, "{n}", "<{kind}>", "--only={only_a}"), new OptimizeOptions { Trials = 8, Workers = 2 }, new StudyOptions { Space = Space, Folder = folder.FullName });
        Assert.Equal(2, trials.Select(static trial => trial.Configuration.Text("kind")).Distinct().Count());
        foreach (TrialRecord trial in trials)
        {
            Configuration values = trial.Configuration;
            Assert.Equal(TrialState.Complete, trial.State);
            Assert.Equal([values.Number("n")], trial.Objectives);
            Assert.Equal([new(1, double.NaN), new(2, values.Number("n"))], trial.Reported);
            string more = values.TryGetValue("only_a", out ParameterValue only) ? $",\"only_a\":{only}" : "";
            Assert.Equal(
                $"{(more.Length > 0 ? 3 : 2)}|{values["n"]}|<{values["kind"]}>|{trial.Number}|{{\"n\":{values["n"]},\"kind\":\"{values["kind"]}\"{more}}}\n",
                await File.ReadAllTextAsync(Directory.GetFiles(Path.Combine(folder.FullName, $"{trial.Number:D6}"), "seen", SearchOption.AllDirectories).Single(), Cancellation));
        }
    }

    [Theory]
    [InlineData("echo '{\"objective\":1}'; echo oops >&2; echo 'no such file' >&2; exit 3", "ProcessFailedException: sh ended with code 3: oops / no such file")]
    [InlineData("echo hello", "ProcessFailedException: sh ended without a result, a line such as {\"objective\":0.25}")]
    [InlineData("echo '{\"objective\":\"NaN\"}'", "the objective is NaN")]
    [InlineData("kill -SEGV $$", "ProcessFailedException: sh ended with code 139")]
    public async Task Run_OfAProcessThatFails_SaysWhy(string script, string reason)
    {
        TrialRecord[] trials = await RunAsync(Shell(script), new OptimizeOptions { Trials = 1 });
        Assert.Equal(TrialState.Failed, trials[0].State);
        Assert.StartsWith(reason, trials[0].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_OverItsMemory_IsEnded()
    {
        // tail keeps the one line it reads, which has 300 MB.
        ProcessObjective objective = Shell("head -c 300000000 /dev/zero | tail -n 1 | sleep 1000");
        TrialRecord[] trials = await RunAsync(objective, new OptimizeOptions { Trials = 2, Workers = 2, MemoryOf = objective.MemoryOf, Limits = new TrialLimits { Memory = 60 << 20 } });
        Assert.All(trials, static trial => Assert.Matches("^it took [0-9.]+ MiB of memory, of 60 MiB; ", trial.Reason));
    }

    [Fact]
    public async Task Run_ThatIsPruned_IsAskedToEnd()
    {
        using TemporaryFolder folder = new();
        string script = """trap "echo asked >'$2'; exit 0" TERM; echo "{\"step\":1,\"value\":$1}"; if [ $1 -gt 5 ]; then while true; do sleep 0.02; done; fi; echo "{\"objective\":$1}" """;
        TrialRecord[] trials = await RunAsync(
            Shell(script, "{n}", folder.Path("asked")),
            new OptimizeOptions { Trials = 8 },
            new StudyOptions { Space = Space, Pruner = new PruneAbove(5) });
        Assert.All(trials, static trial => Assert.Equal(trial.Configuration.Integer("n") > 5 ? TrialState.Pruned : TrialState.Complete, trial.State));
        Assert.Contains(trials, static trial => trial.State == TrialState.Pruned);
        Assert.Equal("asked\n", await File.ReadAllTextAsync(folder.Path("asked"), Cancellation));
    }

    [Fact]
    public async Task Run_ThatWillNotEnd_IsKilled()
    {
        using TemporaryFolder folder = new();
        ProcessObjective objective = new("sh", "-c", $"trap '' TERM; echo $$ >'{folder.Path("pid")}'; while true; do sleep 0.02; done") { Grace = TimeSpan.FromMilliseconds(100) };
        TrialRecord[] trials = await RunAsync(objective, new OptimizeOptions { Trials = 1, Limits = new TrialLimits { Time = TimeSpan.FromSeconds(1) } });
        Assert.StartsWith("it took ", trials[0].Reason, StringComparison.Ordinal);
        Assert.False(IsAlive(folder.Path("pid")));
    }

    [Fact]
    public async Task Run_ThatLeavesSomethingBehind_EndsThatToo()
    {
        using TemporaryFolder folder = new();
        TrialRecord[] trials = await RunAsync(Shell("""sleep 1000 & echo $! >"$1"; echo '{"objective":1}'""", folder.Path("pid")), new OptimizeOptions { Trials = 1 });
        Assert.Equal([1.0], trials[0].Objectives);
        while (IsAlive(folder.Path("pid")))
        {
            await Task.Delay(10, Cancellation);
        }
    }

    [Fact]
    public async Task Run_WhoseWorkerIsKilled_EndsToo()
    {
        using TemporaryFolder folder = new();
        using (Process worker = SoakProgram.Start("parent", folder.Path("pid")))
        {
            while (!File.Exists(folder.Path("pid")) || new FileInfo(folder.Path("pid")).Length == 0)
            {
                await Task.Delay(10, Cancellation);
            }

            Assert.True(IsAlive(folder.Path("pid")));
            worker.Kill();
            await worker.WaitForExitAsync(Cancellation);
        }

        while (IsAlive(folder.Path("pid")))
        {
            await Task.Delay(10, Cancellation);
        }
    }

    [Fact]
    public async Task Run_OfACommandThatCannotBe_EndsTheWorkerAndGivesTheTrialBack()
    {
        await using MemoryJournal journal = new();
        await using Study study = await Study.OpenAsync(journal, "test", new StudyOptions { Space = Space }, Cancellation);
        Assert.Equal("There is no program no-such-program in PATH, or it may not be run.", await FaultAsync(study, new ProcessObjective("no-such-program")));
        Assert.Equal("There is no program /tmp, or it may not be run.", await FaultAsync(study, new ProcessObjective("/tmp")));
        Assert.Equal("The argument '--rate={rate}' names 'rate'; there are: n, kind, only_a, trial.number, trial.folder.", await FaultAsync(study, new ProcessObjective("sh", "--rate={rate}")));
        Assert.Equal("The argument '{trial.folder}' names the trial's folder, and the study has none. Set StudyOptions.Folder.", await FaultAsync(study, new ProcessObjective("sh", "{trial.folder}")));
        TrialRecord trial = await study.ViewAsync(static history => Assert.Single(history.Trials), Cancellation);
        Assert.Equal((TrialState.Waiting, 4, "its worker could not go on"), (trial.State, trial.Attempts, trial.Reason));
    }

    private static async Task<string> FaultAsync(Study study, ProcessObjective objective) =>
        (await Assert.ThrowsAsync<StudyException>(() => study.OptimizeAsync(objective.RunAsync, new OptimizeOptions { Trials = 1 }, Cancellation))).Message;

    private static ProcessObjective Shell(string script, params string[] arguments) => new("sh", ["-c", script, "script", .. arguments]);

    /// <summary>Whether a process runs: one that ended and that nobody asked after yet doesn't.</summary>
    private static bool IsAlive(string file)
    {
        string status = $"/proc/{File.ReadAllText(file).Trim()}/status";
        return File.Exists(status) && !File.ReadLines(status).Any(static line => line.StartsWith("State:\tZ", StringComparison.Ordinal));
    }

    private static async Task<TrialRecord[]> RunAsync(ProcessObjective objective, OptimizeOptions options, StudyOptions? study = null)
    {
        await using MemoryJournal journal = new();
        await using Study opened = await Study.OpenAsync(journal, "test", study ?? new StudyOptions { Space = Space }, Cancellation);
        await opened.OptimizeAsync(objective.RunAsync, options, Cancellation);
        return await opened.ViewAsync(static history => history.Trials.ToArray(), Cancellation);
    }

    private sealed class PruneAbove(double bound) : IPruner
    {
        public PruningDecision Decide(TrialHistory history, TrialRecord trial) =>
            trial.Reported[^1].Value > bound ? PruningDecision.Stop("too large") : PruningDecision.Continue;
    }
}
