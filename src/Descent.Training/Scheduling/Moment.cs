using Descent.Training.Configuration;

namespace Descent.Training;

/// <summary>What schedules of settings make of a run's options at one step.</summary>
/// <param name="Options">The options.</param>
/// <param name="BatchSize">Samples in a batch.</param>
/// <param name="Dropout">The probability that dropout layers take; null leaves them alone.</param>
/// <param name="Values">The value of every scheduled setting, by its key.</param>
internal sealed record Moment(TrainingOptions Options, int BatchSize, double? Dropout, IReadOnlyDictionary<string, double> Values);
