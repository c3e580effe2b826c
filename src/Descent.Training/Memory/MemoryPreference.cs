namespace Descent.Training.Memory;

/// <summary>What to spend where time and memory can be traded.</summary>
public enum MemoryPreference
{
    /// <summary>Memory freed within a step is kept for the next one: faster.</summary>
    Speed,

    /// <summary>Memory freed within a step goes back to the system at once: the lowest peak.</summary>
    Memory,
}
