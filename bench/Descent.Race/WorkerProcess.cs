using System.Diagnostics;
using System.Text.Json;

namespace Descent.Race;

/// <summary>The other end of a <see cref="Worker"/>: single-threaded, so that two of them use two cores without waiting for each other.</summary>
internal sealed class WorkerProcess : IDisposable
{
    private readonly Process _process;

    public WorkerProcess()
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, "worker") { RedirectStandardInput = true, RedirectStandardOutput = true };
        start.Environment["OMP_NUM_THREADS"] = "1";
        _process = Process.Start(start) ?? throw new InvalidOperationException("The worker process did not start.");
    }

    public async Task<JobResult> RunAsync(Job job)
    {
        await _process.StandardInput.WriteLineAsync(JsonSerializer.Serialize(job, Json.Options)).ConfigureAwait(false);
        string line = await _process.StandardOutput.ReadLineAsync().ConfigureAwait(false)
            ?? throw new InvalidOperationException($"The worker ended during {job.Contender}; its error output says why.");
        return JsonSerializer.Deserialize<JobResult>(line, Json.Options)!;
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }
}
