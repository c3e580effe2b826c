using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Descent.Cli.Tuning;

/// <summary>The process of a trial, as its parent holds it.</summary>
internal sealed class TrialProcess : IAsyncDisposable
{
    private const int KeptLines = 5;

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _errors = new();

    private TrialProcess(Process process) => _process = process;

    /// <summary>Resident memory in bytes; 0 when it is over.</summary>
    public long Memory
    {
        get
        {
            try
            {
                _process.Refresh();
                return _process.WorkingSet64;
            }
            catch (InvalidOperationException)
            {
                return 0;
            }
        }
    }

    /// <summary>Starts a process for a trial.</summary>
    /// <param name="folder">The trial's folder.</param>
    /// <param name="order">What it is to do.</param>
    /// <param name="threads">Threads it may compute with.</param>
    public static async Task<TrialProcess> StartAsync(string folder, TrialOrder order, int threads)
    {
        ProcessStartInfo start = OwnProcess.With("tune", "--trial", folder);
        (start.RedirectStandardInput, start.RedirectStandardError) = (true, true);

        // Trials that run at once share the cores; what the user set of it has the last word.
        foreach (string name in new[] { "OMP_NUM_THREADS", "DOTNET_PROCESSOR_COUNT" })
        {
            if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable(name)))
            {
                start.Environment[name] = threads.ToString(CultureInfo.InvariantCulture);
            }
        }

        var trial = new TrialProcess(Process.Start(start)!);
        trial._process.ErrorDataReceived += (_, line) => trial.Keep(line.Data);
        trial._process.BeginErrorReadLine();
        await trial.SayAsync(JsonSerializer.Serialize(order, TrialJson.Default.TrialOrder)).ConfigureAwait(false);
        return trial;
    }

    /// <summary>The next message; none: the process has closed its output.</summary>
    public async Task<TrialMessage?> NextAsync(CancellationToken cancellation)
    {
        while (await _process.StandardOutput.ReadLineAsync(cancellation).ConfigureAwait(false) is { } line)
        {
            if (TrialMessage.Read(line) is { } message)
            {
                return message;
            }
        }

        return null;
    }

    /// <summary>Tells it something; when it is over, nothing happens.</summary>
    public async Task SayAsync(string line)
    {
        try
        {
            await _process.StandardInput.WriteLineAsync(line).ConfigureAwait(false);
            await _process.StandardInput.FlushAsync().ConfigureAwait(false);
        }
        catch (IOException)
        {
            // It died; its output ends, and that is told.
        }
    }

    /// <summary>Waits until it is over; true: in time.</summary>
    public async Task<bool> EndsAsync(TimeSpan time)
    {
        try
        {
            using var late = new CancellationTokenSource(time);
            await _process.WaitForExitAsync(late.Token).ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>Ends it at once.</summary>
    public void Kill()
    {
        try
        {
            _process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // It is over.
        }
    }

    /// <summary>How a process that said nothing of its end ended.</summary>
    public string Death()
    {
        string how = _process.ExitCode switch
        {
            137 => "was killed (SIGKILL), by hand or by the system for want of memory",
            > 128 and var code => $"was ended by signal {code - 128}",
            var code => $"ended with exit code {code}",
        };
        string last = string.Join(" ", _errors).Trim();
        return $"its process {how}{(last.Length == 0 ? "" : $"; its last words: {last}")}";
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Kill();
        await EndsAsync(TimeSpan.FromSeconds(10)).ConfigureAwait(false);
        _process.Dispose();
    }

    private void Keep(string? line)
    {
        if (!string.IsNullOrWhiteSpace(line))
        {
            _errors.Enqueue(line.Trim());
            while (_errors.Count > KeptLines)
            {
                _errors.TryDequeue(out _);
            }
        }
    }
}
