namespace Descent.Cli.Bench;

/// <summary>A prediction beside what a run of its own took.</summary>
internal sealed record PlanComparison(string Run, string Settings, double PredictedBytes, double MeasuredBytes, double PredictedSeconds, double MeasuredSeconds)
{
    /// <summary>Predicted over measured, less one.</summary>
    public double MemoryError => (PredictedBytes / MeasuredBytes) - 1;

    /// <summary>Predicted over measured, less one.</summary>
    public double TimeError => (PredictedSeconds / MeasuredSeconds) - 1;
}
