using System.Globalization;
using System.Text.Json;

namespace Descent.Tuning.Soak;

/// <summary>
/// A worker's trials: steps, each of which turns a state into the next one and writes it into the trial's folder. A step that were left out, or done twice, would
/// end in another state. What is done when goes into a diary of the process's own.
/// </summary>
internal static class Work
{
    public static string Diary(string folder, int process) => Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"diary-{process}"));

    public static async Task RunAsync(Plan plan, string url, string folder)
    {
        await using StreamWriter diary = new(new FileStream(Diary(folder, Environment.ProcessId), FileMode.Append, FileAccess.Write, FileShare.ReadWrite));
        await using Study study = await Study.OpenAsync(url, "soak", Options(plan, folder));
        await study.OptimizeAsync((trial, cancellation) => RunTrialAsync(plan, trial, diary, cancellation), new OptimizeOptions { Trials = plan.Trials });
    }

    public static StudyOptions Options(Plan plan, string folder) => new()
    {
        Space = new SearchSpace(Parameter.Integer("start", 0, 1_000_000)),
        Seed = plan.Seed,
        Lease = TimeSpan.FromSeconds(plan.LeaseSeconds),
        Folder = Path.Combine(folder, "trials"),
        // Nothing here is the trials' fault.
        MaximumLosses = 1000,
    };

    /// <summary>The result of a trial that went through all its steps, each once.</summary>
    public static double Result(Plan plan, long start)
    {
        long state = start;
        for (int step = 1; step <= plan.Steps; step++)
        {
            state = Next(state, step);
        }

        return state;
    }

    private static async Task<TrialResult> RunTrialAsync(Plan plan, Trial trial, StreamWriter diary, CancellationToken cancellation)
    {
        Write(diary, "begin", trial, 0);
        string file = Path.Combine(trial.Folder!, "checkpoint");
        Checkpoint checkpoint = File.Exists(file)
            ? JsonSerializer.Deserialize<Checkpoint>(await File.ReadAllTextAsync(file, cancellation))!
            : new Checkpoint(0, trial.Configuration.Integer("start"));
        if (checkpoint.Step > (trial.LastReport?.Step ?? 0))
        {
            // The last holder died after it wrote its checkpoint, and before it said so.
            await trial.ReportAsync(checkpoint.Step, checkpoint.State, cancellation);
        }

        while (checkpoint.Step < plan.Steps)
        {
            cancellation.ThrowIfCancellationRequested();
            Write(diary, "step", trial, checkpoint.Step + 1);
            await Task.Delay(TimeSpan.FromSeconds(plan.StepSeconds), cancellation);
            checkpoint = new Checkpoint(checkpoint.Step + 1, Next(checkpoint.State, checkpoint.Step + 1));
            string temporary = file + ".new";
            await File.WriteAllTextAsync(temporary, JsonSerializer.Serialize(checkpoint), cancellation);
            File.Move(temporary, file, overwrite: true);
            Write(diary, "done", trial, checkpoint.Step);
            await trial.ReportAsync(checkpoint.Step, checkpoint.State, cancellation);
        }

        Write(diary, "end", trial, checkpoint.Step);
        return checkpoint.State;
    }

    private static long Next(long state, int step) => ((state * 1_103_515_245) + 12_345 + step) % 2_147_483_648;

    private static void Write(StreamWriter diary, string what, Trial trial, int step)
    {
        // The monotonic clock, which all processes of a machine share.
        diary.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{TimeProvider.System.GetTimestamp()} {what} {trial.Number} {Path.GetFileName(trial.Folder)} {step} {Environment.ProcessId}"));
        diary.Flush();
    }

    private sealed record Checkpoint(int Step, long State);
}
