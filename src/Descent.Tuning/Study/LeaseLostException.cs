namespace Descent.Tuning;

/// <summary>The trial is no longer this worker's: its lease ran out and another took it up, or will. What this worker found since is refused.</summary>
public sealed class LeaseLostException : Exception
{
    /// <summary>A lease that is lost.</summary>
    /// <param name="trial">The trial's number.</param>
    /// <param name="detail">Who has it now.</param>
    public LeaseLostException(int trial, string detail)
        : base($"The lease of trial {trial} is lost: {detail}.") => Trial = trial;

    /// <summary>The trial's number.</summary>
    public int Trial { get; }
}
