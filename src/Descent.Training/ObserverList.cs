namespace Descent.Training;

/// <summary>Hands every event to several observers, in their order.</summary>
internal sealed class ObserverList(IReadOnlyList<ITrainingObserver> observers) : ITrainingObserver
{
    public void OnStarted(RunStarted started) => Tell(observer => observer.OnStarted(started));

    public void OnStep(StepReport step) => Tell(observer => observer.OnStep(step));

    public void OnValidated(ValidationReport validation) => Tell(observer => observer.OnValidated(validation));

    public void OnSample(SampleReport sample) => Tell(observer => observer.OnSample(sample));

    public void OnCheckpoint(CheckpointReport checkpoint) => Tell(observer => observer.OnCheckpoint(checkpoint));

    public void OnWarning(string message) => Tell(observer => observer.OnWarning(message));

    public void OnStopped(RunStopped stopped) => Tell(observer => observer.OnStopped(stopped));

    private void Tell(Action<ITrainingObserver> what)
    {
        foreach (ITrainingObserver observer in observers)
        {
            what(observer);
        }
    }
}
