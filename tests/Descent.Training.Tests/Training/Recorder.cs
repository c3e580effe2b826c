namespace Descent.Training.Tests.Training;

/// <summary>Keeps what a trainer tells.</summary>
internal sealed class Recorder : ITrainingObserver
{
    public RunStarted? Started { get; private set; }

    public List<StepReport> Steps { get; } = [];

    public List<ValidationReport> Validations { get; } = [];

    public List<string> Warnings { get; } = [];

    /// <summary>Is called after each step.</summary>
    public Action<long> AtStep { get; set; } = _ => { };

    public void OnStarted(RunStarted started) => Started = started;

    public void OnStep(StepReport step)
    {
        Steps.Add(step);
        AtStep(step.Step);
    }

    public void OnValidated(ValidationReport validation) => Validations.Add(validation);

    public void OnWarning(string message) => Warnings.Add(message);
}
