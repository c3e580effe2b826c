namespace Descent.Training.Memory;

/// <summary>When parameters are updated.</summary>
public enum UpdateMoment
{
    /// <summary>When all gradients are there.</summary>
    AfterBackward,

    /// <summary>Each segment's as soon as its gradients are complete, which are freed then.</summary>
    InBackward,
}
