using System.Buffers;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Descent.Tuning;

/// <summary>Runs each trial as a process of its own, in any language: it can be limited, killed and crash without taking the worker along.</summary>
/// <remarks>
/// <para><b>To the process.</b> Arguments with values in them: <c>--rate={rate}</c>, <c>{trial.number}</c>, <c>{trial.folder}</c>; one that names a parameter that isn't there is left out. In the environment:
/// <c>DESCENT_TRIAL</c>, the number; <c>DESCENT_TRIAL_FOLDER</c>; <c>DESCENT_TRIAL_CONFIGURATION</c>, all values as JSON.</para>
/// <para><b>From the process.</b> Lines of JSON among what it prints: <c>{"step":10,"value":0.5}</c> reports, <c>{"objective":0.25}</c> or <c>{"objectives":[0.25,3]}</c> is the result; NaN and infinities in quotes.
/// Other lines are left alone. It ends with code 0; another code is a failure, with the last lines it wrote to standard error as the reason.</para>
/// <para><b>Ends.</b> A process that is to stop gets SIGTERM, with all it started, and after <see cref="Grace"/> SIGKILL. What it leaves behind when it ends is killed. When the worker itself is killed, its processes get the same: none goes on beside the one that takes the trial up.</para>
/// </remarks>
/// <example>
/// <code>
/// ProcessObjective objective = new("python3", "train.py", "--rate={rate}", "--out={trial.folder}");
/// await study.OptimizeAsync(objective.RunAsync, new OptimizeOptions { Trials = 50, Workers = 4, Limits = limits, MemoryOf = objective.MemoryOf });
/// </code>
/// </example>
public sealed class ProcessObjective
{
    // Keeps the process company, which leads a group of its own. Its standard input ends when the worker does, killed or not; then, or when asked itself, it asks the group to end, and ends what is
    // left of it after $1 seconds. Ctrl+C reaches everything in a terminal: what it means the worker decides.
    private const string Watch =
        """
        trap '' INT QUIT
        grace=$1; shift
        exec 3<&0
        setsid "$@" </dev/null 3<&- & pid=$!
        end() { kill -TERM -$pid || kill -TERM $pid; sleep "$grace"; kill -KILL -$pid; }
        { cat <&3 >/dev/null; end; } >/dev/null 2>&1 & watch=$!
        trap 'end >/dev/null 2>&1 & asked=$!' TERM
        wait $pid; code=$?
        while kill -0 $pid 2>/dev/null; do wait $pid; code=$?; done
        kill -KILL -$pid 2>/dev/null
        kill $watch $asked 2>/dev/null
        exit $code
        """;

    private const int LastWords = 5;
    private readonly string _program;
    private readonly string[] _arguments;
    private readonly ConcurrentDictionary<Trial, Process> _running = [];

    /// <summary>A command.</summary>
    /// <param name="program">The program, found by <c>PATH</c> or by its path.</param>
    /// <param name="arguments">Its arguments, with names in braces.</param>
    public ProcessObjective(string program, params IEnumerable<string> arguments)
    {
        ArgumentException.ThrowIfNullOrEmpty(program);
        ArgumentNullException.ThrowIfNull(arguments);
        _program = program;
        _arguments = [.. arguments];
    }

    /// <summary>How long a process may take to end when asked; shorter than a third of the study's lease. Default 10 s.</summary>
    public TimeSpan Grace
    {
        get;
        init => field = value > TimeSpan.Zero ? value : throw new ArgumentOutOfRangeException(nameof(Grace), value, $"Grace is {value}; allowed: a time above 0.");
    } = TimeSpan.FromSeconds(10);

    /// <summary>Resident bytes of a trial's process and of those it started; 0: it doesn't run. For <see cref="OptimizeOptions.MemoryOf"/>.</summary>
    /// <param name="trial">The trial.</param>
    public long MemoryOf(Trial trial)
    {
        try
        {
            return _running.TryGetValue(trial, out Process? process) ? ProcessTree.ResidentBytes(process.Id) : 0;
        }
        catch (Exception fault) when (fault is InvalidOperationException or ArgumentException)
        {
            // It has just ended.
            return 0;
        }
    }

    /// <summary>Runs a trial: an objective for <see cref="Study.OptimizeAsync(Func{Trial, CancellationToken, Task{TrialResult}}, OptimizeOptions, CancellationToken)"/>.</summary>
    /// <param name="trial">The trial.</param>
    /// <param name="cancellation">Ends the process.</param>
    /// <exception cref="ProcessFailedException">The process failed.</exception>
    /// <exception cref="StudyException">The program can't be started, or an argument can't be filled.</exception>
    public async Task<TrialResult> RunAsync(Trial trial, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(trial);
        using Process process = Start(trial);
        _running[trial] = process;
        try
        {
            Queue<string> lastWords = [];
            Task listening = ListenAsync(process, lastWords);
            TrialResult? result = null;
            try
            {
                result = await ReadAsync(trial, process, cancellation).ConfigureAwait(false);
                if (result?.State == TrialState.Pruned)
                {
                    return result;
                }

                await process.WaitForExitAsync(cancellation).ConfigureAwait(false);
            }
            finally
            {
                await EndAsync(process).ConfigureAwait(false);
                await Task.WhenAny(listening, Task.Delay(Grace, CancellationToken.None)).ConfigureAwait(false);
            }

            string words = lastWords.Count > 0 ? $": {string.Join(" / ", lastWords)}" : "";
            return process.ExitCode != 0 ? throw new ProcessFailedException($"{Path.GetFileName(_program)} ended with code {process.ExitCode}{words}")
                : result ?? throw new ProcessFailedException($"{Path.GetFileName(_program)} ended without a result, a line such as {{\"objective\":0.25}}{words}");
        }
        finally
        {
            _running.TryRemove(trial, out _);
            process.StandardInput.Close();
        }
    }

    private Process Start(Trial trial)
    {
        string[] command = [TrialCommand.Find(_program), .. TrialCommand.Fill(_arguments, trial, trial.Space)];
        if (!OperatingSystem.IsWindows())
        {
            command = ["/bin/sh", "-c", Watch, "watch", Grace.TotalSeconds.ToString(CultureInfo.InvariantCulture), .. command];
        }

        ProcessStartInfo start = new(command[0], command[1..]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["DESCENT_TRIAL"] = $"{trial.Number}";
        start.Environment["DESCENT_TRIAL_FOLDER"] = trial.Folder ?? "";
        start.Environment["DESCENT_TRIAL_CONFIGURATION"] = Json(trial.Configuration);
        try
        {
            return Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception fault)
        {
            throw new StudyException($"{_program} can't be started: {fault.Message}", fault);
        }
    }

    /// <summary>Reads what the process prints, until the pruner stops it or it prints no more; gives the result.</summary>
    private async Task<TrialResult?> ReadAsync(Trial trial, Process process, CancellationToken cancellation)
    {
        // Something it left behind may hold the pipe open for ever: that isn't waited for long.
        using CancellationTokenSource over = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Task ended = process.WaitForExitAsync(over.Token).ContinueWith(_ => over.CancelAfter(Grace), CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);
        TrialResult? result = null;
        try
        {
            while (await process.StandardOutput.ReadLineAsync(over.Token).ConfigureAwait(false) is { } line)
            {
                if (TrialLine.Read(line) is not { } said)
                {
                    continue;
                }

                if (said.Objectives is { } objectives)
                {
                    result = TrialResult.Complete(objectives);
                }
                else if ((await trial.ReportAsync(said.Step, said.Value, cancellation).ConfigureAwait(false)).ShouldStop)
                {
                    return TrialResult.Pruned();
                }
            }
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested && process.HasExited)
        {
            // What it printed is read.
        }
        finally
        {
            await over.CancelAsync().ConfigureAwait(false);
            await ended.ContinueWith(static _ => { }, TaskScheduler.Default).ConfigureAwait(false);
        }

        return result;
    }

    private static async Task ListenAsync(Process process, Queue<string> lastWords)
    {
        while (await process.StandardError.ReadLineAsync().ConfigureAwait(false) is { } line)
        {
            if (line.Length > 0)
            {
                lastWords.Enqueue(line.Length > 300 ? line[..300] : line);
                if (lastWords.Count > LastWords)
                {
                    lastWords.Dequeue();
                }
            }
        }
    }

    private async Task EndAsync(Process process)
    {
        if (process.HasExited)
        {
            return;
        }

        ProcessTree.Ask(process);
        try
        {
            // It kills what doesn't end in time by itself; twice that is long enough.
            await process.WaitForExitAsync(CancellationToken.None).WaitAsync(2 * Grace).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
        }
    }

    private static string Json(Configuration configuration)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter writer = new(buffer))
        {
            SearchSpaceJson.Write(writer, configuration);
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
