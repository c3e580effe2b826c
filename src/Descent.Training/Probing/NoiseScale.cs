namespace Descent.Training.Probing;

/// <summary>How noisy a batch's gradient is, in samples: <see cref="GradientNoise"/> measures it.</summary>
/// <param name="Samples">The simple noise scale: the batch size at which noise and gradient are of one size; +∞: no gradient shows through the noise.</param>
/// <param name="Low">Lower end of the 90 % interval.</param>
/// <param name="High">Upper end; +∞: it can't be told.</param>
/// <param name="SmallBatch">Samples of the small batches.</param>
/// <param name="BigBatch">Samples of the big ones.</param>
/// <param name="Windows">Big batches that were looked at.</param>
public sealed record NoiseScale(double Samples, double Low, double High, int SmallBatch, int BigBatch, int Windows);
