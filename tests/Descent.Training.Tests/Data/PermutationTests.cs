using CsCheck;
using Descent.Training.Data;

namespace Descent.Training.Tests.Data;

public sealed class PermutationTests
{
    [Fact]
    public void Order_OfAnyLength_HoldsEveryNumberOnce() =>
        Gen.Select(Gen.Int[1, 3000], Gen.Long, Gen.Long[0, 1000]).Sample((count, seed, epoch) =>
        {
            var order = new Permutation(count, new EpochKey(seed, epoch));
            bool[] seen = new bool[count];
            for (int position = 0; position < count; position++)
            {
                long number = order[position];
                if (number < 0 || number >= count || seen[number])
                {
                    return false;
                }

                seen[number] = true;
            }

            return true;
        }, iter: 300);

    [Theory]
    [InlineData(0, 1, 0)]
    [InlineData(1, 0, 0)]
    [InlineData(0, 0, 1)]
    public void Order_OfAnotherSeedOrEpoch_IsUnrelated(long seedStep, long epochStep, int same)
    {
        var first = new Permutation(10_000, new EpochKey(7, 3));
        var second = new Permutation(10_000, new EpochKey(7 + seedStep, 3 + epochStep));
        int equal = Enumerable.Range(0, 10_000).Count(position => first[position] == second[position]);

        // Two random orders of n numbers agree in 1 ± 1 places; 10 or more happens once in ten million.
        Assert.Equal(same == 1, equal == 10_000);
        Assert.True(same == 1 || equal < 10, $"{equal} of 10,000 places agree");
    }

    /// <summary>Over many epochs every number must come up at every position equally often: χ² of a 9 × 9 table.</summary>
    [Fact]
    public void Order_OverManyEpochs_IsUniform()
    {
        const int Count = 9;
        const int Epochs = 18_000;
        long[,] table = new long[Count, Count];
        for (int epoch = 0; epoch < Epochs; epoch++)
        {
            var order = new Permutation(Count, new EpochKey(1, epoch));
            for (int position = 0; position < Count; position++)
            {
                table[position, order[position]]++;
            }
        }

        double expected = (double)Epochs / Count;
        double chiSquare = table.Cast<long>().Sum(cell => (cell - expected) * (cell - expected) / expected);

        // 64 degrees of freedom: 64 ± 11; 130 is beyond six standard deviations.
        Assert.InRange(chiSquare, 20, 130);
    }

    [Fact]
    public void Order_LongerThanMemory_IsComputedAnywhere()
    {
        var order = new Permutation(1L << 40, new EpochKey(1, 2));
        Assert.InRange(order[(1L << 40) - 1], 0, (1L << 40) - 1);
        Assert.Throws<ArgumentOutOfRangeException>(() => order[1L << 40]);
        Assert.Throws<ArgumentOutOfRangeException>(() => order[-1]);
    }
}
