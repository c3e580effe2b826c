using System.Globalization;
using Descent.Cli.Tuning;
using Descent.Training;
using Descent.Training.Configuration;

namespace Descent.Cli.Validation;

/// <summary>Carries one fold out, in a process of its own: begun, or gone on with from its last checkpoint.</summary>
internal static class FoldProcess
{
    // A process that dies is begun again from its checkpoint, once: whoever killed it, the run may be sound.
    private const int Restarts = 1;

    // A process whose parent was killed writes a checkpoint and ends within 15 s.
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(30);

    /// <summary>Runs a fold to its end.</summary>
    /// <param name="run">The fold's run.</param>
    /// <param name="folder">The fold's folder.</param>
    /// <param name="threads">Threads it may compute with.</param>
    /// <param name="progress">Is told the step that it stands at, and how many there will be.</param>
    /// <param name="say">Is told what else there is to say.</param>
    /// <param name="started">Is given the process while it runs.</param>
    /// <param name="cancellation">Asks for a checkpoint and an early end.</param>
    /// <exception cref="FoldFailedException">The run was refused, diverged or died.</exception>
    /// <exception cref="OperationCanceledException">It was told to stop, and has written a checkpoint.</exception>
    public static async Task RunAsync(
        RunConfiguration run,
        string folder,
        int threads,
        Action<long, long?> progress,
        Action<string> say,
        Action<TrialProcess?>? started,
        CancellationToken cancellation)
    {
        string yaml = RunFile.Write(run);
        await WaitForAsync(folder, say, cancellation).ConfigureAwait(false);
        for (int attempt = 0; ; attempt++)
        {
            if (await OnceAsync(folder, yaml, threads, progress, started, cancellation).ConfigureAwait(false) is not { } death)
            {
                return;
            }

            if (attempt == Restarts)
            {
                throw new FoldFailedException($"{death}, twice", isRefused: false);
            }

            say($"{death}; it goes on from its last checkpoint");
        }
    }

    /// <summary>One process. None: the fold is done; else what its process died of.</summary>
    private static async Task<string?> OnceAsync(
        string folder, string yaml, int threads, Action<long, long?> progress, Action<TrialProcess?>? started, CancellationToken cancellation)
    {
        await using TrialProcess process = await TrialProcess.StartAsync(folder, new TrialOrder(yaml), threads).ConfigureAwait(false);
        started?.Invoke(process);
        try
        {
            while (await process.NextAsync(cancellation).ConfigureAwait(false) is { } message)
            {
                switch (message.Kind)
                {
                    case TrialMessageKind.Step:
                        progress(message.Step, message.TotalSteps);
                        break;
                    case TrialMessageKind.Validated:
                        progress(message.Step, message.TotalSteps);
                        await process.SayAsync(TrialAnswer.Go).ConfigureAwait(false);
                        break;
                    case TrialMessageKind.Refused:
                        throw new FoldFailedException(message.Message!, isRefused: true);
                    default:
                        await process.EndsAsync(TrialRunner.Patience).ConfigureAwait(false);
                        return message.Reason switch
                        {
                            nameof(StopReason.Interrupted) => "its process was interrupted",
                            nameof(StopReason.NonFinite) or nameof(StopReason.Memory) => throw new FoldFailedException(message.Message!, isRefused: false),
                            _ => null,
                        };
                }
            }

            if (!await process.EndsAsync(TrialRunner.Patience).ConfigureAwait(false))
            {
                process.Kill();
                return "its process closed its output and went on";
            }

            return process.Death();
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            await process.SayAsync(TrialAnswer.Stop).ConfigureAwait(false);
            await process.EndsAsync(TrialRunner.Patience).ConfigureAwait(false);
            throw;
        }
        finally
        {
            started?.Invoke(null);
        }
    }

    private static async Task WaitForAsync(string folder, Action<string> say, CancellationToken cancellation)
    {
        bool said = false;
        for (DateTime end = DateTime.UtcNow + Wait; DateTime.UtcNow < end && File.Exists(Path.Combine(folder, "run.yaml")); await Task.Delay(100, cancellation).ConfigureAwait(false))
        {
            try
            {
                using RunDirectory free = RunDirectory.OpenToWrite(folder);
                return;
            }
            catch (BadInputException) when (!said)
            {
                say(string.Create(CultureInfo.InvariantCulture, $"waiting for the process that was at it before; it ends within {Wait.TotalSeconds:0} s"));
                said = true;
            }
            catch (BadInputException)
            {
                // Still there.
            }
        }
    }
}
