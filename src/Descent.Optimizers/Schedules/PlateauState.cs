namespace Descent.Optimizers;

/// <summary>What <see cref="ReduceOnPlateauSchedule"/> remembers between checks: plain data, to be saved with a checkpoint.</summary>
/// <param name="Multiplier">The present multiplier of the base rate.</param>
/// <param name="Best">The best value so far; null before the first check.</param>
/// <param name="BadChecks">Checks since, without improvement.</param>
/// <param name="CooldownLeft">Checks that still don't count after a reduction.</param>
public sealed record PlateauState(double Multiplier = 1, double? Best = null, int BadChecks = 0, int CooldownLeft = 0);
