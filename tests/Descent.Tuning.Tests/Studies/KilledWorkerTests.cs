using Descent.Tests;

namespace Descent.Tuning.Tests.Studies;

/// <summary>
/// Workers killed with SIGKILL and suspended, the server restarted under them: every trial is done once, each of its steps once but the unfinished ones.
/// This is bench/Descent.Tuning.Soak in short; docs/tuning.md has the command of the whole.
/// </summary>
public sealed class KilledWorkerTests
{
    private static readonly string[] Short = ["workers=3", "trials=30", "steps=8", "step_seconds=0.05", "kills=5", "lease_seconds=5"];

    [Fact]
    public Task Sqlite_WithWorkersKilled_LosesAndRepeatsNoTrial() => CheckAsync("journal=sqlite");

    [Fact]
    public Task Postgres_WithWorkersKilledAndTheServerRestarted_LosesAndRepeatsNoTrial()
    {
        Assert.SkipWhen(PostgresServer.Programs is null, PostgresServer.Missing);
        return CheckAsync("journal=postgres", "restarts=2");
    }

    private static async Task CheckAsync(params string[] more)
    {
        (int code, string output) = await SoakProgram.RunAsync(TestContext.Current.CancellationToken, [.. more, .. Short]);
        Assert.True(code == 0, output);
        Assert.Contains("30 trials, each complete once; 5 workers killed", output, StringComparison.Ordinal);
    }
}
