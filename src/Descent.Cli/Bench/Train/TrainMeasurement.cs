namespace Descent.Cli.Bench;

/// <summary>What one process measured.</summary>
/// <param name="StepMilliseconds">Each step after the warm-up.</param>
/// <param name="PeakBytes">The process's highest resident memory, as the kernel reports it.</param>
/// <param name="Parameters">Trainable parameters.</param>
/// <param name="LastLoss">The loss of the last step: the variants do the same work.</param>
internal sealed record TrainMeasurement(double[] StepMilliseconds, long PeakBytes, long Parameters, double LastLoss);
