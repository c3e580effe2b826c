namespace Descent.Training;

/// <summary>How many steps a number of epochs takes when batches change their size on the way.</summary>
internal static class EpochPlan
{
    // A tenth of the data may be a sample more or less in binary.
    private const double Tolerance = 1e-9;

    /// <summary>The fewest steps after which so many epochs are over. What is left of an epoch where less than a batch remains counts as seen.</summary>
    /// <param name="epochs">Passes over the data, above 0.</param>
    /// <param name="count">Samples of a pass.</param>
    /// <param name="windowAt">Batch size and batches of a step, of a run of so many steps.</param>
    /// <param name="fullBatch">Whether a step sees all data.</param>
    public static long StepsFor(double epochs, long count, Func<long, long, (int BatchSize, long Accumulate)> windowAt, bool fullBatch)
    {
        if (fullBatch)
        {
            return Math.Max(1, (long)Math.Round(epochs));
        }

        long high = 1;
        while (EpochsAfter(high, count, windowAt) < epochs - Tolerance)
        {
            high *= 2;
        }

        long low = high / 2;
        while (high - low > 1)
        {
            long middle = low + ((high - low) / 2);
            (low, high) = EpochsAfter(middle, count, windowAt) < epochs - Tolerance ? (middle, high) : (low, middle);
        }

        return high;
    }

    // The loader's own rule: no batch reaches over the end of a pass, and what is less than a batch is left out.
    private static double EpochsAfter(long steps, long count, Func<long, long, (int BatchSize, long Accumulate)> windowAt)
    {
        (long epoch, long sample, long batch) = (0, 0, 1);
        for (long step = 0; step < steps; step++)
        {
            (int batchSize, long accumulate) = windowAt(step, steps);
            batch = Math.Min(batchSize, count);
            for (long micro = 0; micro < accumulate; micro++)
            {
                (epoch, sample) = count - sample < batch ? (epoch + 1, batch) : (epoch, sample + batch);
                (epoch, sample) = sample == count ? (epoch + 1, 0) : (epoch, sample);
            }
        }

        return count - sample < batch ? epoch + 1 : epoch + ((double)sample / count);
    }
}
