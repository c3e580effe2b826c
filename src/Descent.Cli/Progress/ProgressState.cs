using Descent.Training;

namespace Descent.Cli.Progress;

/// <summary>Where a run stands: what a display draws, gathered from its events.</summary>
/// <param name="start">The run, before its first step.</param>
internal sealed class ProgressState(RunStarted start)
{
    // A loss is shown as a mean of about the last ten steps, and its trend is that mean against one of about a hundred.
    private const double Fast = 0.9;
    private const double Slow = 0.99;

    private readonly LossHistory _history = new();
    private double _fast;
    private double _slow;
    private double _fastWeight;
    private double _slowWeight;

    /// <summary>What is trained.</summary>
    public RunStarted Start { get; } = start;

    /// <summary>The newest step, or null before the first.</summary>
    public StepReport? Step { get; private set; }

    /// <summary>The newest validation, or null before the first.</summary>
    public ValidationReport? Validation { get; private set; }

    /// <summary>The best validation, or null before the first.</summary>
    public ValidationReport? Best { get; private set; }

    /// <summary>The step of the newest checkpoint, or null before the first.</summary>
    public long? Checkpoint { get; private set; }

    /// <summary>The loss as a mean of about the last ten steps, or the newest one where it isn't finite; NaN before the first.</summary>
    public double Loss => Step is { } step && !double.IsFinite(step.Loss) ? step.Loss : _fastWeight > 0 ? _fast / _fastWeight : double.NaN;

    /// <summary>The course of the loss so far.</summary>
    public double[] History => _history.Means;

    /// <summary>Where the loss is going: −1 down, 1 up, 0 neither by more than half a percent.</summary>
    public int Trend
    {
        get
        {
            double change = _slowWeight > 0 ? Loss - (_slow / _slowWeight) : 0;
            return !double.IsFinite(change) || Math.Abs(change) <= 0.005 * Math.Abs(Loss) ? 0 : Math.Sign(change);
        }
    }

    /// <summary>
    /// The share of the run that is done, from 0 to 1: of its steps where only they end it, else of its time as the trainer estimates it; null when
    /// neither is known.
    /// </summary>
    public double? Done
    {
        get
        {
            if (Start is { TotalSteps: > 0 and { } total, TotalSeconds: null })
            {
                return Math.Clamp((double)(Step?.Step ?? Start.Step) / total, 0, 1);
            }

            if (Step is null)
            {
                return Start.TotalSeconds is null ? null : 0;
            }

            return Step is { SecondsLeft: { } left } && Step.Seconds + left > 0 ? Step.Seconds / (Step.Seconds + left) : null;
        }
    }

    /// <summary>Takes a step in.</summary>
    public void Add(StepReport step)
    {
        Step = step;
        if (!double.IsFinite(step.Loss))
        {
            return;
        }

        _history.Add(step.Loss);
        _fast = (Fast * _fast) + ((1 - Fast) * step.Loss);
        _fastWeight = (Fast * _fastWeight) + (1 - Fast);
        _slow = (Slow * _slow) + ((1 - Slow) * step.Loss);
        _slowWeight = (Slow * _slowWeight) + (1 - Slow);
    }

    /// <summary>Takes a validation in.</summary>
    public void Add(ValidationReport validation)
    {
        Validation = validation;
        Best = validation.IsBest ? validation : Best;
    }

    /// <summary>Takes a checkpoint in.</summary>
    public void Add(CheckpointReport checkpoint) => Checkpoint = checkpoint.Step;
}
