namespace Descent.Training.Memory;

/// <summary>Where the global norm to clip by comes from when parameters are updated in backward, before all gradients are known.</summary>
public enum NormSource
{
    /// <summary>From a pass of its own: forward and backward are done twice. Exact.</summary>
    SecondPass,

    /// <summary>From the step before; the first step takes a pass of its own. No cost; a sudden large gradient is clipped one step late.</summary>
    LastStep,
}
