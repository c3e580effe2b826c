using Descent.Training;

namespace OwnModel;

/// <summary>An observer: what a program wants to know of a run, it is told.</summary>
internal sealed class Lines(Action<long>? atStep) : ITrainingObserver
{
    public void OnStep(StepReport step) => atStep?.Invoke(step.Step);

    public void OnValidated(ValidationReport validation) =>
        Console.WriteLine($"  step {validation.Step}: validation loss {validation.Metrics["validation/loss"]:F3}{(validation.IsBest ? " (best)" : "")}");
}
