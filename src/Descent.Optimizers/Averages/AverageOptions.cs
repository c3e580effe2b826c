namespace Descent.Optimizers;

/// <summary>A mean of a model's weights over the steps of its training, which is measured and saved in their place.</summary>
public abstract record AverageOptions
{
    /// <summary>The average's name in <see cref="AverageCatalog"/> and run files.</summary>
    public abstract string Kind { get; }

    /// <summary>
    /// Training batches from which the statistics of BatchNorm layers are estimated anew for the averaged weights, which no batch has been seen with; 0 keeps
    /// training's. Default 32.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative.</exception>
    public int StatisticsBatches { get; init => field = Require.AtLeast(0, value); } = 32;

    /// <summary>Whether the weights after a step enter the mean.</summary>
    /// <param name="step">Steps done, from 1.</param>
    /// <param name="steps">Steps of the whole run, where they are known.</param>
    /// <param name="stepsPerEpoch">Steps of a pass over the training data.</param>
    public abstract bool IsDue(long step, long? steps, long stepsPerEpoch);

    /// <summary>c in a ← a + c(θ − a), for weights that enter; the first ones are the mean.</summary>
    /// <param name="updates">How many weights are in the mean already, from 1.</param>
    public abstract double Gain(long updates);
}
