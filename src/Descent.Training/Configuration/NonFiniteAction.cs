namespace Descent.Training.Configuration;

/// <summary>What to do with a step whose loss or gradient is infinite or NaN.</summary>
public enum NonFiniteAction
{
    /// <summary>End the run and name the tensor; the last checkpoint is from before it.</summary>
    Stop,

    /// <summary>Leave parameters and states as they are, warn with the tensor's name, and go on with the next batch.</summary>
    Skip,
}
