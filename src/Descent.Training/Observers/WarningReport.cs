namespace Descent.Training;

/// <summary>A warning as the metrics file keeps it.</summary>
/// <param name="Step">Optimizer steps done when it was given.</param>
/// <param name="Message">What deserves attention.</param>
public sealed record WarningReport(long Step, string Message);
