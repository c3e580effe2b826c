namespace Descent.Tuning;

/// <summary>What the log says about who has a trial. All times are the journal's.</summary>
internal sealed class Lease
{
    /// <summary>The position of the event that won the trial: grows from holder to holder, so that an older one is told from a newer one.</summary>
    public long Token { get; set; }

    public TimeSpan Duration { get; set; }

    public DateTimeOffset Expiry { get; set; }

    /// <summary>How often it ran out and another took the trial up.</summary>
    public int Losses { get; set; }

    /// <summary>How often the trial itself failed and was given back.</summary>
    public int Failures { get; set; }
}
