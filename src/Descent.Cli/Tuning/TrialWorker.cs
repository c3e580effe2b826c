using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using Descent.Optimizers;
using Descent.Training;
using Descent.Training.Configuration;

namespace Descent.Cli.Tuning;

/// <summary>The process of one trial: a whole run in the trial's folder, begun or resumed, that asks after every validation whether it may go on.</summary>
/// <remarks>
/// When its input ends, whoever started it is dead: it writes a checkpoint and ends, in less time than a lease gives it, so that the next holder finds the run as far as it came.
/// </remarks>
internal sealed class TrialWorker : ITrainingObserver, IDisposable
{
    // A third of the shortest lease that makes sense for training, and enough to finish a step of a model that is tuned.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(300);

    private readonly TextReader _input;
    private readonly TextWriter _output;
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _answers = new(0);
    private string _metric = "";
    private IReadOnlyList<string> _wanted = [];
    private long? _total;
    private long _spoke = Stopwatch.GetTimestamp();

    private TrialWorker(TextReader input, TextWriter output) => (_input, _output) = (input, output);

    /// <summary>Carries the trial out whose run file stands on the input.</summary>
    /// <param name="folder">The trial's folder.</param>
    public static int Run(string folder)
    {
        // Ctrl-C reaches all processes of a terminal; what is to be done about it, this one is told by its parent.
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, static context => context.Cancel = true);
        using PosixSignalRegistration hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, static context => context.Cancel = true);
        using var worker = new TrialWorker(Console.In, Console.Out);
        return worker.Carry(folder);
    }

    /// <inheritdoc/>
    public void OnStarted(RunStarted started)
    {
        (_metric, _total) = (started.Metric, started.TotalSteps);
        Say(new TrialMessage(TrialMessageKind.Step) { Step = started.Step, TotalSteps = _total });

        // Who was told of the last validation before may have died before it was written down.
        if (started.Step > 0 && MetricsLog.Read(Path.Combine(started.RunDirectory!, "metrics.jsonl")).Validations is [.., { } last])
        {
            OnValidated(last);
        }
    }

    /// <inheritdoc/>
    public void OnStep(StepReport step)
    {
        if (Stopwatch.GetElapsedTime(_spoke) >= Interval)
        {
            _spoke = Stopwatch.GetTimestamp();
            Say(new TrialMessage(TrialMessageKind.Step) { Step = step.Step, TotalSteps = _total });
        }
    }

    /// <inheritdoc/>
    public void OnValidated(ValidationReport validation)
    {
        if (_wanted.FirstOrDefault(name => !validation.Metrics.ContainsKey(name)) is { } missing)
        {
            throw new BadInputException($"the objective '{missing}' is no metric of the run; {NearestName.Hint(missing, validation.Metrics.Keys)}");
        }

        Say(new TrialMessage(TrialMessageKind.Validated) { Step = validation.Step, TotalSteps = _total, Value = validation.Metrics[_metric] });
        try
        {
            _answers.Wait(_stop.Token);
        }
        catch (OperationCanceledException)
        {
            // The trainer sees the same token after its step.
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _stop.Dispose();
        _answers.Dispose();
    }

    private int Carry(string folder)
    {
        try
        {
            string first = _input.ReadLine() ?? throw new BadInputException("tune --trial is what 'descent tune' starts for a trial of its own; it isn't for people");
            TrialOrder order = JsonSerializer.Deserialize(first, TrialJson.Default.TrialOrder)!;
            _wanted = order.Metrics;
            new Thread(Listen) { IsBackground = true, Name = "Descent trial" }.Start();
            if (order.Parent is { } parent && !File.Exists(Path.Combine(folder, "run.yaml")))
            {
                Rounds.Copy(parent, folder);
            }

            using TrainingRun run = File.Exists(Path.Combine(folder, "run.yaml"))
                ? TrainingRun.Resume(folder, order.Changes, [this])
                : TrainingRun.Start(RunFile.Parse(order.Yaml, "the trial"), folder, [this]);
            Tell(run, run.Execute(_stop.Token));
            return ExitCode.Done;
        }
        catch (BadInputException exception)
        {
            Say(new TrialMessage(TrialMessageKind.Refused) { Message = exception.Message });
            return ExitCode.BadInput;
        }
    }

    // A fold is over when it is measured: where the parent hears of its end, its files are there.
    private void Tell(TrainingRun run, RunStopped stopped)
    {
        bool isFold = run.Configuration.Training.Validation.Folds is not null;
        bool complete = stopped.Reason is not (StopReason.Interrupted or StopReason.NonFinite or StopReason.Memory);
        double? value = isFold && complete ? run.MeasureFold(stopped).Metrics.TryGetValue(_metric, out double measured) ? measured : null : stopped.BestMetric;
        Say(new TrialMessage(TrialMessageKind.Stopped)
        {
            Step = stopped.Step,
            Value = value,
            Reason = stopped.Reason.ToString(),
            Message = stopped.Message,
        });
    }

    private void Listen()
    {
        while (_input.ReadLine() is { } line)
        {
            if (line == TrialAnswer.Go)
            {
                _answers.Release();
            }
            else
            {
                _stop.Cancel();
            }
        }

        _stop.Cancel();
        Thread.Sleep(Patience);
        Process.GetCurrentProcess().Kill();
    }

    private void Say(TrialMessage message)
    {
        try
        {
            _output.WriteLine(message.Write());
        }
        catch (IOException)
        {
            // Nobody reads any more; the input says the same.
        }
    }
}
