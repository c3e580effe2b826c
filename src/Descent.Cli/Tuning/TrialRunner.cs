using System.Collections.Concurrent;
using Descent.Cli.Validation;
using Descent.Optimizers;
using Descent.Training;
using Descent.Training.Configuration;
using Descent.Training.Folds;
using Descent.Tuning;

namespace Descent.Cli.Tuning;

/// <summary>The objective of studies of runs: carries a trial out in a process of its own.</summary>
/// <param name="display">Is told how the trials stand.</param>
/// <param name="threads">Threads a trial may compute with.</param>
/// <param name="rounds">Whether trials are rounds: each may have a parent to go on from, and its result is where it ends.</param>
/// <param name="takesLast">Whether a trial's result is the metric at its end, not the best one on its way.</param>
/// <param name="objectives">What trials come to; null: the metric that decides within a run.</param>
internal sealed class TrialRunner(TuneDisplay display, int threads, bool rounds = false, bool takesLast = false, TuneObjectives? objectives = null)
{
    /// <summary>How long a run may take to write its checkpoint when it is told to stop.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    // A process that dies is begun again from its checkpoint: whoever killed it, the run may be sound. One that dies again has failed.
    private const int Restarts = 1;

    // So many trials whose input was refused, and none that ever trained: it isn't their values.
    private const int MostRefusals = 3;

    private readonly ConcurrentDictionary<Trial, TrialProcess> _running = [];
    private int _refusals;
    private volatile bool _trained;

    /// <summary>What all trials are refused for, when they are.</summary>
    public string? AlwaysRefused { get; private set; }

    /// <summary>Is cancelled when it makes no sense to go on.</summary>
    public CancellationTokenSource Hopeless { get; } = new();

    /// <summary>Resident bytes of a trial's process; 0: it doesn't run.</summary>
    public long MemoryOf(Trial trial) => _running.TryGetValue(trial, out TrialProcess? process) ? process.Memory : 0;

    /// <summary>Runs a trial to its end.</summary>
    /// <param name="trial">The trial.</param>
    /// <param name="make">Makes the run that it is.</param>
    /// <param name="cancellation">Has it write a checkpoint and end.</param>
    public async Task<TrialResult> RunAsync(Trial trial, Func<RunConfiguration> make, CancellationToken cancellation)
    {
        display.Started(trial);
        TrialResult result = await EndAsync(trial, make, cancellation).ConfigureAwait(false);
        display.Ended(trial, result);
        return result;
    }

    private async Task<TrialResult> EndAsync(Trial trial, Func<RunConfiguration> make, CancellationToken cancellation)
    {
        RunConfiguration run;
        TrialOrder order;
        try
        {
            run = make();
            order = new TrialOrder(RunFile.Write(run)) { Metrics = objectives?.OtherMetrics ?? [] };
            order = rounds ? Rounds.GoOn(order, trial, run.Training.Stop!.Steps!.Value) : order;
        }
        catch (BadInputException exception)
        {
            return Refused(exception.Message);
        }

        if (FoldChoice.Runs(run) is { Count: > 0 } folds)
        {
            return await ValidateAsync(trial, folds, cancellation).ConfigureAwait(false);
        }

        await trial.NoteAsync("run", trial.Folder!, cancellation).ConfigureAwait(false);
        for (int attempt = 0; ; attempt++)
        {
            (TrialResult? result, string? death) = await OnceAsync(trial, order, cancellation).ConfigureAwait(false);
            if (result is not null)
            {
                return result;
            }

            if (attempt == Restarts)
            {
                return TrialResult.Failed($"{death}, {(Restarts == 1 ? "twice" : $"{Restarts + 1} times")}");
            }

            display.Say($"trial {trial.Number}: {death}; it goes on from its last checkpoint");
        }
    }

    /// <summary>A cross validation: one fold after the other, reported as its step; the result is their mean.</summary>
    private async Task<TrialResult> ValidateAsync(Trial trial, IReadOnlyList<RunConfiguration> runs, CancellationToken cancellation)
    {
        ValidationOptions validation = runs[0].Training.Validation;
        var folder = new FoldFolder(trial.Folder!, validation.InnerFold is null ? validation.Folds! : validation.InnerFolds!);
        TuneObjectives wanted = objectives ?? TuneObjectives.Default(validation);
        double[] sums = new double[wanted.All.Count];
        for (int fold = 0; fold < runs.Count; fold++)
        {
            if (folder.ResultOf(fold) is null)
            {
                try
                {
                    await FoldProcess.RunAsync(
                        runs[fold],
                        folder.Of(fold),
                        threads,
                        (step, total) => display.Progress(trial.Number, step, total),
                        message => display.Say($"trial {trial.Number}: {message}"),
                        process => Keep(trial, process),
                        cancellation).ConfigureAwait(false);
                }
                catch (FoldFailedException exception)
                {
                    return exception.IsRefused ? Refused(exception.Message) : TrialResult.Failed($"fold {fold}: {exception.Message}");
                }
            }

            FoldResult result = folder.ResultOf(fold)!;
            if (wanted.OtherMetrics.FirstOrDefault(name => !result.Metrics.ContainsKey(name)) is { } unknown)
            {
                return Refused($"the objective '{unknown}' is no metric of the run; {NearestName.Hint(unknown, result.Metrics.Keys)}");
            }

            _trained = true;
            double[] values = wanted.ValuesOf(folder.Of(fold), (name, _) => result.Metrics.TryGetValue(name, out double value) && double.IsFinite(value) ? value : null, out string? missing);
            if (missing is not null)
            {
                return TrialResult.Failed($"fold {fold}: {missing}");
            }

            sums = [.. sums.Zip(values, static (sum, value) => sum + value)];
            if (wanted.Reports && (await trial.ReportAsync(fold, values[0], cancellation).ConfigureAwait(false)).ShouldStop && fold + 1 < runs.Count)
            {
                return TrialResult.Pruned();
            }
        }

        return TrialResult.Complete([.. sums.Select(sum => sum / runs.Count)]);
    }

    private void Keep(Trial trial, TrialProcess? process)
    {
        if (process is null)
        {
            _running.TryRemove(trial, out _);
        }
        else
        {
            _running[trial] = process;
        }
    }

    /// <summary>One process. A death without a word is no result.</summary>
    private async Task<(TrialResult? Result, string? Death)> OnceAsync(Trial trial, TrialOrder order, CancellationToken cancellation)
    {
        await using TrialProcess process = await TrialProcess.StartAsync(trial.Folder!, order, threads).ConfigureAwait(false);
        _running[trial] = process;
        try
        {
            bool pruned = false;
            double? last = null;
            while (await process.NextAsync(cancellation).ConfigureAwait(false) is { } message)
            {
                switch (message.Kind)
                {
                    case TrialMessageKind.Step:
                        display.Progress(trial.Number, message.Step, message.TotalSteps);
                        break;
                    case TrialMessageKind.Validated:
                        _trained = true;
                        display.Progress(trial.Number, message.Step, message.TotalSteps);
                        last = message.Value;
                        bool stop = objectives is not { Reports: false } && (await trial.ReportAsync(message.Step, message.Value ?? double.NaN, cancellation).ConfigureAwait(false)).ShouldStop;
                        pruned |= stop;
                        await process.SayAsync(stop ? TrialAnswer.Stop : TrialAnswer.Go).ConfigureAwait(false);
                        break;
                    case TrialMessageKind.Refused:
                        return (Refused(message.Message!), null);
                    default:
                        return (await EndOfAsync(trial, process, rounds || takesLast ? message with { Value = last } : message, pruned).ConfigureAwait(false), null);
                }
            }

            if (!await process.EndsAsync(Patience).ConfigureAwait(false))
            {
                process.Kill();
                return (TrialResult.Failed("its process closed its output and went on"), null);
            }

            return (null, process.Death());
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            await process.SayAsync(TrialAnswer.Stop).ConfigureAwait(false);
            await process.EndsAsync(Patience).ConfigureAwait(false);
            throw;
        }
        finally
        {
            _running.TryRemove(trial, out _);
        }
    }

    private async Task<TrialResult> EndOfAsync(Trial trial, TrialProcess process, TrialMessage end, bool pruned)
    {
        // The end is told before the last file is closed.
        await process.EndsAsync(Patience).ConfigureAwait(false);
        return end.Reason switch
        {
            nameof(StopReason.Interrupted) => pruned ? TrialResult.Pruned() : TrialResult.Failed("its process was interrupted"),
            nameof(StopReason.NonFinite) or nameof(StopReason.Memory) => TrialResult.Failed(end.Message!),
            _ when objectives is { IsMetricAlone: false } several => several.ResultOf(trial.Folder!, end.Value),
            _ when end.Value is { } best => TrialResult.Complete(best),
            _ => TrialResult.Failed("no validation gave a number"),
        };
    }

    private TrialResult Refused(string message)
    {
        if (!_trained && Interlocked.Increment(ref _refusals) >= MostRefusals)
        {
            AlwaysRefused = message;
            Hopeless.Cancel();
        }

        return TrialResult.Failed(message);
    }
}
