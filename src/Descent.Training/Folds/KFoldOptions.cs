using Descent.Training.Data;

namespace Descent.Training.Folds;

/// <summary>
/// k-fold cross validation (Stone 1974; Geisser 1975): the samples are divided into k parts whose sizes differ by at most one, and each part is held out once.
/// </summary>
/// <remarks>
/// Samples are drawn at random, unlike scikit-learn's default: tables are often sorted. Text is always divided into spans, as with <see cref="Shuffle"/> false: a
/// window drawn at random would overlap its neighbours, and the held-out part would be known.
/// </remarks>
public sealed record KFoldOptions : RepeatedFoldOptions
{
    /// <inheritdoc/>
    public override string Kind => "k_fold";

    /// <summary>
    /// Whether each part is drawn at random; default true. False keeps neighbours together (blocked cross validation, Roberts et al. 2017), for rows that
    /// resemble those beside them; repeats then cut at other places, and one part joins the ends.
    /// </summary>
    public bool Shuffle { get; init; } = true;

    private protected override void Check(FoldSamples samples) => RequireEnough(samples.Count, "samples");

    private protected override int[] Deal(FoldSamples samples, EpochKey key)
    {
        int[] foldOf = new int[samples.Count];
        if (Shuffle)
        {
            int[] order = Shuffled(samples.Count, key);
            for (int i = 0; i < order.Length; i++)
            {
                foldOf[order[i]] = i % Count;
            }

            return foldOf;
        }

        foreach ((int number, (long Start, long End)[] spans) in Spans(samples.Count, key).Index())
        {
            foreach ((long start, long end) in spans)
            {
                foldOf.AsSpan((int)start, (int)(end - start)).Fill(number);
            }
        }

        return foldOf;
    }

    /// <summary>The spans that each part of a repeat consists of: one, or the two ends.</summary>
    internal IReadOnlyList<(long Start, long End)[]> Spans(long length, EpochKey key)
    {
        // The first repeat begins at the beginning, the others somewhere in the first part.
        long offset = key.Epoch == 0 ? 0 : (long)(key.Hash(0x7370616E) % (ulong)(length / Count));
        long Border(int part) => offset + (long)((Int128)length * part / Count);
        return [.. Enumerable.Range(0, Count).Select(part => part < Count - 1 || offset == 0
            ? new[] { (Border(part), Border(part + 1)) }
            : [(0, offset), (Border(part), length)])];
    }
}
