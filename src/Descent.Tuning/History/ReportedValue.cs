namespace Descent.Tuning;

/// <summary>A value of the first objective that a trial reported on its way.</summary>
/// <param name="Step">How far the trial was: a step, an epoch, a fold. At least 0.</param>
/// <param name="Value">The value; may be NaN.</param>
public readonly record struct ReportedValue(long Step, double Value);
