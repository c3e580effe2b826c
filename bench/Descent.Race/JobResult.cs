namespace Descent.Race;

/// <summary>What a run gave.</summary>
/// <param name="Job">The run.</param>
/// <param name="Loss">The held-out loss at the end; null when it diverged.</param>
/// <param name="Curve">Held-out losses by step.</param>
/// <param name="Seconds">Seconds of training on one thread of a shared machine: a hint, not a measurement.</param>
internal sealed record JobResult(Job Job, double? Loss, CurvePoint[] Curve, double Seconds)
{
    /// <summary>The loss, infinite for a run that diverged.</summary>
    public double Score() => Loss ?? double.PositiveInfinity;
}

/// <summary>A validation.</summary>
/// <param name="Step">Steps done.</param>
/// <param name="Loss">The held-out loss.</param>
internal sealed record CurvePoint(long Step, double Loss);
