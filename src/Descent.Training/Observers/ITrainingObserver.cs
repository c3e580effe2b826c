namespace Descent.Training;

/// <summary>Watches a run. Every method is called on the training thread, in the order things happen.</summary>
/// <remarks>
/// The metrics file, the terminal's progress display and a user's own logging are all observers. An observer reads;
/// it never changes the run, and it must not keep tensors.
/// </remarks>
public interface ITrainingObserver
{
    /// <summary>The model, data and optimizer exist; the first step comes next.</summary>
    void OnStarted(RunStarted started) { }

    /// <summary>An optimizer step is done. Called for every step; displays thin it out themselves.</summary>
    void OnStep(StepReport step) { }

    /// <summary>A validation is done.</summary>
    void OnValidated(ValidationReport validation) { }

    /// <summary>A language model wrote a sample text.</summary>
    void OnSample(SampleReport sample) { }

    /// <summary>A checkpoint is safely on disk.</summary>
    void OnCheckpoint(CheckpointReport checkpoint) { }

    /// <summary>Something deserves a user's attention but does not end the run.</summary>
    void OnWarning(string message) { }

    /// <summary>The run ended; nothing follows.</summary>
    void OnStopped(RunStopped stopped) { }
}
