namespace Descent.Training.Memory;

/// <summary>A prediction: what settings take.</summary>
/// <param name="Settings">The settings.</param>
/// <param name="Peak">Where the memory is at its highest point.</param>
/// <param name="StepSeconds">The time of a step.</param>
public sealed record PlanRow(PlannedSettings Settings, MemoryBreakdown Peak, double StepSeconds);
