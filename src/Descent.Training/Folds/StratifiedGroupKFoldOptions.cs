using Descent.Training.Data;

namespace Descent.Training.Folds;

/// <summary>
/// k-fold cross validation that never parts a group, and keeps every class in proportion as far as whole groups allow.
/// </summary>
/// <remarks>
/// scikit-learn's greedy way: groups whose members differ most in class counts go first, each to the part that leaves the shares of the classes most even over the parts
/// (the mean over classes of the variance of their shares), of several such to the one with the fewest samples.
/// </remarks>
public sealed record StratifiedGroupKFoldOptions : GroupedFoldOptions
{
    /// <inheritdoc/>
    public override string Kind => "stratified_group_k_fold";

    private protected override void Check(FoldSamples samples)
    {
        _ = RequireLabels(samples);
        base.Check(samples);
    }

    private protected override int[] Deal(FoldSamples samples, EpochKey key)
    {
        int[] groupOf = Numbered(samples);
        long[] classes = [.. samples.Labels!.Distinct().Order()];
        double[] totals = new double[classes.Length];
        double[][] members = [.. Enumerable.Range(0, groupOf.Max() + 1).Select(_ => new double[classes.Length])];
        for (int sample = 0; sample < groupOf.Length; sample++)
        {
            int label = Array.BinarySearch(classes, samples.Labels![sample]);
            members[groupOf[sample]][label]++;
            totals[label]++;
        }

        double[][] parts = [.. Enumerable.Range(0, Count).Select(_ => new double[classes.Length])];
        int[] foldOf = new int[members.Length];
        foreach (int group in Shuffled(members.Length, key).OrderByDescending(group => Variance(members[group])))
        {
            int chosen = Enumerable.Range(0, Count).MinBy(part => (Unevenness(parts, part, members[group], totals), parts[part].Sum()));
            foldOf[group] = chosen;
            for (int label = 0; label < classes.Length; label++)
            {
                parts[chosen][label] += members[group][label];
            }
        }

        return Array.ConvertAll(groupOf, group => foldOf[group]);
    }

    /// <summary>How uneven the classes' shares would be if a group went to a part.</summary>
    private static double Unevenness(double[][] parts, int to, double[] group, double[] totals)
    {
        double sum = 0;
        double[] shares = new double[parts.Length];
        for (int label = 0; label < totals.Length; label++)
        {
            for (int part = 0; part < parts.Length; part++)
            {
                shares[part] = (parts[part][label] + (part == to ? group[label] : 0)) / totals[label];
            }

            sum += Variance(shares);
        }

        // Sums of the same numbers in another order must not tell two parts apart.
        return Math.Round(sum / totals.Length, 12);
    }

    private static double Variance(ReadOnlySpan<double> values)
    {
        double mean = 0, squares = 0;
        foreach (double value in values)
        {
            mean += value / values.Length;
        }

        foreach (double value in values)
        {
            squares += (value - mean) * (value - mean);
        }

        return squares / values.Length;
    }
}
