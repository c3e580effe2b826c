namespace Descent.Training.Memory;

/// <summary>What lies in a scratch file instead of memory.</summary>
public enum DiskUse
{
    /// <summary>Nothing.</summary>
    Nothing,

    /// <summary>The optimizer's states.</summary>
    States,

    /// <summary>The parameters.</summary>
    Parameters,

    /// <summary>Parameters and states.</summary>
    Both,
}
