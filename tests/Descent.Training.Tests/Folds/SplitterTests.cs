using CsCheck;
using Descent.Training.Data;
using Descent.Training.Folds;

namespace Descent.Training.Tests.Folds;

/// <summary>What must hold of folds, whatever their sizes and seeds.</summary>
public sealed class SplitterTests
{
    private static readonly Gen<(int Count, int Folds, int Repeats, long Seed)> Cases =
        Gen.Select(Gen.Int[2, 300], Gen.Int[2, 12], Gen.Int[1, 3], Gen.Long).Where(static drawn => drawn.Item2 <= drawn.Item1);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void KFold_HoldsEverySampleOutOnceARepeat(bool shuffle) => Cases.Sample(drawn =>
    {
        var folds = new KFoldOptions { Count = drawn.Folds, Repeats = drawn.Repeats, Seed = drawn.Seed, Shuffle = shuffle };
        RequireFolds(folds, new FoldSamples(drawn.Count), largestDifference: 1);
    });

    [Fact]
    public void StratifiedKFold_KeepsEveryClassInProportion() => Gen.Select(Cases, Gen.Int[1, 5], Gen.Int).Sample((drawn, classes, labelSeed) =>
    {
        var random = new Random(labelSeed);
        long[] labels = [.. Enumerable.Range(0, drawn.Count).Select(_ => (long)(random.Next(classes) * random.Next(1, 3)))];
        if (labels.GroupBy(static label => label).Max(static members => members.Count()) < drawn.Folds)
        {
            return;
        }

        var folds = new StratifiedKFoldOptions { Count = drawn.Folds, Repeats = drawn.Repeats, Seed = drawn.Seed };
        IReadOnlyList<Fold> split = RequireFolds(folds, new FoldSamples(drawn.Count) { Labels = labels }, largestDifference: 1);
        foreach (IGrouping<int, Fold> repeat in split.GroupBy(static fold => fold.Repeat))
        {
            Assert.All(labels.Distinct(), label => RequireLevel([.. repeat.Select(fold => fold.Validation.Count(sample => labels[sample] == label))], 1));
        }
    });

    [Fact]
    public void GroupKFold_NeverPartsAGroup() => Gen.Select(Cases, Gen.Int[2, 60], Gen.Int).Sample((drawn, groups, groupSeed) =>
    {
        var random = new Random(groupSeed);
        string[] names = [.. Enumerable.Range(0, drawn.Count).Select(_ => $"g{(int)(groups * random.NextDouble() * random.NextDouble())}")];
        int[] sizes = [.. names.CountBy(static name => name).Select(static group => group.Value)];
        if (sizes.Length < drawn.Folds)
        {
            return;
        }

        var folds = new GroupKFoldOptions { Count = drawn.Folds, Repeats = drawn.Repeats, Seed = drawn.Seed };
        IReadOnlyList<Fold> split = RequireFolds(folds, new FoldSamples(drawn.Count) { Groups = names }, largestDifference: sizes.Max());
        Assert.All(split, fold => Assert.Empty(fold.Training.Select(sample => names[sample]).Intersect(fold.Validation.Select(sample => names[sample]))));
    });

    [Fact]
    public void StratifiedGroupKFold_NeverPartsAGroup_AndKeepsClassesNearProportion()
    {
        // Sixty groups of ten, two thirds of them mostly of class 0: any two parts can be alike.
        var random = new Random(5);
        string[] groups = [.. Enumerable.Range(0, 600).Select(static i => $"g{i / 10}")];
        long[] labels = [.. Enumerable.Range(0, 600).Select(i => random.NextDouble() < (i / 10 % 3 == 0 ? 0.9 : 0.1) ? 1L : 0)];
        var samples = new FoldSamples(600) { Labels = labels, Groups = groups };

        IReadOnlyList<Fold> split = RequireFolds(new StratifiedGroupKFoldOptions { Count = 5, Repeats = 2 }, samples, largestDifference: 40);

        double share = labels.Average();
        Assert.All(split, fold =>
        {
            Assert.Empty(fold.Training.Select(sample => groups[sample]).Intersect(fold.Validation.Select(sample => groups[sample])));
            Assert.InRange(fold.Validation.Average(sample => labels[sample]), share - 0.05, share + 0.05);
        });

        // By size alone, classes are left to chance.
        double Spread(FoldOptions folds) => folds.Split(samples).Max(fold => Math.Abs(fold.Validation.Average(sample => labels[sample]) - share));
        Assert.True(Spread(new StratifiedGroupKFoldOptions()) < Spread(new GroupKFoldOptions()));
    }

    [Fact]
    public void TimeSeriesSplit_TrainsOnThePastAlone() => Gen.Select(Gen.Int[2, 300], Gen.Int[2, 8], Gen.Int[0, 5], Gen.Int[1, 50], Gen.Int).Sample((count, folds, gap, most, timeSeed) =>
    {
        var random = new Random(timeSeed);
        double[] times = [.. Enumerable.Range(0, count).Select(static i => (double)i)];
        random.Shuffle(times);
        int size = count / (folds + 1);
        if (size < 1 || count - (folds * size) - gap < 1)
        {
            return;
        }

        var options = new TimeSeriesSplitOptions { Count = folds, Gap = gap, MaxTrainSize = timeSeed % 2 == 0 ? most : null };
        IReadOnlyList<Fold> split = options.Split(new FoldSamples(count) { Times = times });

        Assert.Equal(folds, split.Count);
        RequireSame(split[^1], options.Of(new FoldSamples(count) { Times = times }, folds - 1));
        Assert.Equal(Enumerable.Range(count - (folds * size), folds * size).Select(static time => (double)time), split.SelectMany(fold => fold.Validation.Select(sample => times[sample])));
        Assert.All(split, fold =>
        {
            Assert.Equal(times[fold.Validation[0]] - gap - 1, times[fold.Training[^1]]);
            Assert.Equal(fold.Training.Order(Comparer<int>.Create((a, b) => times[a].CompareTo(times[b]))), fold.Training);
            Assert.True(fold.Training.Length <= (options.MaxTrainSize ?? count));
        });
    });

    /// <summary>scikit-learn's documentation: TimeSeriesSplit(n_splits=3, test_size=2, gap=2) of 12 samples.</summary>
    [Fact]
    public void TimeSeriesSplit_OfScikitLearnsExample_IsTheirs()
    {
        IReadOnlyList<Fold> split = new TimeSeriesSplitOptions { Count = 3, TestSize = 2, Gap = 2 }.Split(new FoldSamples(12));

        Assert.Equal([[0, 1, 2, 3], [0, 1, 2, 3, 4, 5], [0, 1, 2, 3, 4, 5, 6, 7]], split.Select(static fold => fold.Training));
        Assert.Equal([[6, 7], [8, 9], [10, 11]], split.Select(static fold => fold.Validation));
    }

    [Fact]
    public void Split_OfTheSameSeed_IsTheSame_AndOfAnotherIsNot()
    {
        int[][] Held(FoldOptions folds) => [.. folds.Split(new FoldSamples(50) { Labels = new long[50], Groups = [.. Enumerable.Range(0, 50).Select(static i => $"{i % 20}")] }).Select(static fold => fold.Validation)];
        Assert.Equal(Held(new KFoldOptions { Seed = 3 }), Held(new KFoldOptions { Seed = 3 }));
        Assert.NotEqual(Held(new KFoldOptions { Seed = 3 }), Held(new KFoldOptions { Seed = 4 }));
        Assert.NotEqual(Held(new StratifiedKFoldOptions { Seed = 3 }), Held(new StratifiedKFoldOptions { Seed = 4 }));
        foreach (FoldOptions repeated in (FoldOptions[])[new KFoldOptions { Repeats = 2 }, new KFoldOptions { Repeats = 2, Shuffle = false }, new StratifiedKFoldOptions { Repeats = 2 }, new GroupKFoldOptions { Repeats = 2 }, new StratifiedGroupKFoldOptions { Repeats = 2 }])
        {
            int[][] held = Held(repeated);
            Assert.NotEqual(held[..5], held[5..]);
        }
    }

    [Fact]
    public void KFold_Shuffled_DoesNotKeepTheOrderOfTheData()
    {
        int[] held = new KFoldOptions().Split(new FoldSamples(1000))[0].Validation;
        Assert.True(held.Zip(held.Skip(1), static (a, b) => b - a).Distinct().Count() > 5);
    }

    [Fact]
    public void Nest_DividesTheTrainingPartAlone()
    {
        var samples = new FoldSamples(60) { Labels = [.. Enumerable.Range(0, 60).Select(static i => (long)(i % 3))] };
        IReadOnlyList<NestedFold> nested = new StratifiedKFoldOptions { Count = 4 }.Nest(new StratifiedKFoldOptions { Count = 3, Seed = 7 }, samples);

        Assert.Equal(4, nested.Count);
        Assert.All(nested, static fold =>
        {
            Assert.Equal(3, fold.Inner.Count);
            Assert.Equal(fold.Outer.Training, fold.Inner.SelectMany(static inner => inner.Validation).Order());
            Assert.All(fold.Inner, inner =>
            {
                Assert.Empty(inner.Training.Concat(inner.Validation).Intersect(fold.Outer.Validation));
                Assert.Empty(inner.Training.Intersect(inner.Validation));
            });
        });
    }

    [Fact]
    public void Split_OfOneGroup_OrClassesOfOne_AllowsNothingThatCantBe()
    {
        Assert.EndsWith("only 1 groups; at least 2 are needed", Assert.Throws<BadInputException>(static () => new GroupKFoldOptions().Split(new FoldSamples(3) { Groups = ["a", "a", "a"] })).Message);
        Assert.EndsWith("more than 1 sample; allowed: 'kind: k_fold'", Assert.Throws<BadInputException>(static () => new StratifiedKFoldOptions { Count = 2 }.Split(new FoldSamples(3) { Labels = [0, 1, 2] })).Message);
    }

    [Theory]
    [InlineData("count is 5, but there are only 4 samples", "k_fold", 4)]
    [InlineData("no class has more than 4 samples", "stratified_k_fold", 8)]
    [InlineData("only 2 groups", "group_k_fold", 8)]
    [InlineData("leave 0 to train on", "time_series_split", 8, 100)]
    public void Split_OfWhatCantBeDivided_SaysWhy(string expected, string kind, int count, int gap = 0)
    {
        FoldOptions folds = gap > 0 ? new TimeSeriesSplitOptions { Gap = gap } : FoldCatalog.Create(kind);
        var samples = new FoldSamples(count) { Labels = [.. Enumerable.Range(0, count).Select(static i => (long)(i % 2))], Groups = [.. Enumerable.Range(0, count).Select(static i => $"{i % 2}")] };
        Assert.Contains(expected, Assert.Throws<BadInputException>(() => folds.Split(samples)).Message);
    }

    [Fact]
    public void Split_WithoutClassesOrGroups_SaysWhatIsMissing()
    {
        Assert.Contains("has no classes", Assert.Throws<BadInputException>(static () => new StratifiedKFoldOptions().Split(new FoldSamples(9))).Message);
        Assert.Contains("has no classes", Assert.Throws<BadInputException>(static () => new StratifiedGroupKFoldOptions().Split(new FoldSamples(9))).Message);
        Assert.Contains("validation.folds.group", Assert.Throws<BadInputException>(static () => new GroupKFoldOptions().Split(new FoldSamples(9))).Message);
        Assert.Contains("at least 2", Assert.Throws<BadInputException>(static () => new FoldSamples(1)).Message);
    }

    [Fact]
    public void Catalog_CreatesTheKindsThatItNames() => Assert.All(FoldCatalog.Names, static name => Assert.Equal(name, FoldCatalog.Create(name).Kind));

    private static IReadOnlyList<Fold> RequireFolds(FoldOptions folds, FoldSamples samples, int largestDifference)
    {
        IReadOnlyList<Fold> split = folds.Split(samples);
        Assert.Equal(folds.Total, split.Count);
        Assert.All(split, fold => RequireSame(fold, folds.Of(samples, fold.Index)));
        Assert.Equal(Enumerable.Range(0, folds.Total), split.Select(static fold => fold.Index));
        foreach (IGrouping<int, Fold> repeat in split.GroupBy(static fold => fold.Repeat))
        {
            Assert.Equal(Enumerable.Range(0, folds.Count), repeat.Select(static fold => fold.Number));
            Assert.Equal(Enumerable.Range(0, samples.Count), repeat.SelectMany(static fold => fold.Validation).Order());
            Assert.All(repeat, fold => Assert.Equal(Enumerable.Range(0, samples.Count), fold.Training.Concat(fold.Validation).Order()));
            RequireLevel([.. repeat.Select(static fold => fold.Validation.Length)], largestDifference);
        }

        return split;
    }

    private static void RequireSame(Fold expected, Fold found)
    {
        Assert.Equal((expected.Index, expected.Repeat, expected.Number), (found.Index, found.Repeat, found.Number));
        Assert.Equal(expected.Training, found.Training);
        Assert.Equal(expected.Validation, found.Validation);
    }

    private static void RequireLevel(int[] sizes, int largestDifference) => Assert.InRange(sizes.Max() - sizes.Min(), 0, largestDifference);
}
