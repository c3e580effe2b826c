using Descent.Optimizers;
using Descent.Training.Data;

namespace Descent.Training.Folds;

/// <summary>Folds that are drawn at random, so that they can be drawn several times over. Every sample is held out exactly once a repeat.</summary>
public abstract record RepeatedFoldOptions : FoldOptions
{
    /// <summary>How often the samples are divided anew, each time by another seed: 1 … 10,000; default 1. The mean over repeats varies less with the luck of a division.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public int Repeats
    {
        get;
        init => field = Require.Between(1, 10_000, value);
    } = 1;

    /// <summary>Decides how the samples are divided; default 0. Not the run's seed, so that runs with different seeds are compared on the same folds.</summary>
    public long Seed { get; init; }

    /// <inheritdoc/>
    public override int Total => checked(Count * Repeats);

    /// <inheritdoc/>
    public override IReadOnlyList<Fold> Split(FoldSamples samples)
    {
        ArgumentNullException.ThrowIfNull(samples);
        Check(samples);
        return
        [
            .. Enumerable.Range(0, Repeats).SelectMany(repeat =>
            {
                int[] foldOf = Deal(samples, new EpochKey(Seed, repeat));
                return Enumerable.Range(0, Count).Select(number => Part(foldOf, repeat, number));
            }),
        ];
    }

    internal override Fold Of(FoldSamples samples, int index)
    {
        Check(samples);
        (int repeat, int number) = Math.DivRem(index, Count);
        return Part(Deal(samples, new EpochKey(Seed, repeat)), repeat, number);
    }

    private protected abstract void Check(FoldSamples samples);

    /// <summary>The fold, 0 … <see cref="FoldOptions.Count"/> − 1, that holds each sample out.</summary>
    private protected abstract int[] Deal(FoldSamples samples, EpochKey key);

    private Fold Part(int[] foldOf, int repeat, int number) => new()
    {
        Index = (repeat * Count) + number,
        Repeat = repeat,
        Number = number,
        Training = Where(foldOf, fold => fold != number),
        Validation = Where(foldOf, fold => fold == number),
    };

    private static int[] Where(int[] foldOf, Func<int, bool> wanted) => [.. Enumerable.Range(0, foldOf.Length).Where(sample => wanted(foldOf[sample]))];

    /// <summary>The samples in an order drawn for this repeat.</summary>
    private protected static int[] Shuffled(int count, EpochKey key)
    {
        var order = new Permutation(count, key);
        return [.. Enumerable.Range(0, count).Select(position => (int)order[position])];
    }
}
