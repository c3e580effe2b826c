namespace Descent.Optimizers.Tests.Noise;

public sealed unsafe class GradientNoiseTests
{
    private const int Count = 1_000_000;

    private static readonly double[] Normals = Draw(NoiseStream.KeyOf(1, 0, "weight"), Count);

    /// <summary>
    /// Mean, variance, skewness and kurtosis of a million numbers, each within five of its own standard errors: 1/√n, √(2/n), √(6/n), √(24/n).
    /// </summary>
    [Fact]
    public void Numbers_HaveTheMomentsOfTheNormalDistribution()
    {
        double root = 5 / Math.Sqrt(Count);
        Assert.Equal(0, Normals.Average(), root);
        Assert.Equal(1, Normals.Average(static z => z * z), root * Math.Sqrt(2));
        Assert.Equal(0, Normals.Average(static z => z * z * z), root * Math.Sqrt(15)); // of the raw third moment: E z⁶ = 15
        Assert.Equal(3, Normals.Average(static z => z * z * z * z), root * Math.Sqrt(96)); // E z⁸ − (E z⁴)² = 105 − 9
    }

    /// <summary>Kolmogorov and Smirnov's largest distance between the two distribution functions; above 1.95/√n has a probability of 0.1 %.</summary>
    [Fact]
    public void Numbers_AreDistributedNormally()
    {
        double[] sorted = [.. Normals.Take(100_000).Order()];
        double distance = 0;
        for (int i = 0; i < sorted.Length; i += 50)
        {
            distance = Math.Max(distance, Math.Abs(((i + 0.5) / sorted.Length) - Cumulative(sorted[i])));
        }

        Assert.InRange(distance, 0, 1.95 / Math.Sqrt(sorted.Length));
    }

    /// <summary>The two of a pair, the neighbours, and the same place in the next step, the next tensor or under the next seed: all unrelated.</summary>
    [Fact]
    public void Numbers_AreUncorrelated()
    {
        const int Some = 200_000;
        double bound = 5 / Math.Sqrt(Some);
        Assert.All((int[])[1, 4, 8, 64], lag => Assert.Equal(0, Normals.Take(Some).Zip(Normals.Skip(lag), static (a, b) => a * b).Average(), bound));
        foreach (ulong key in (ulong[])[NoiseStream.KeyOf(1, 1, "weight"), NoiseStream.KeyOf(1, 0, "weighs"), NoiseStream.KeyOf(2, 0, "weight")])
        {
            Assert.Equal(0, Normals.Take(Some).Zip(Draw(key, Some), static (a, b) => a * b).Average(), bound);
        }
    }

    /// <summary>Box and Muller's formula with the library's functions, over SplitMix64 as its paper prints it.</summary>
    [Fact]
    public void Numbers_AreThoseOfTheFormula()
    {
        ulong key = NoiseStream.KeyOf(7, 3, "bias");
        double[] numbers = Draw(key, 8_000);
        for (int block = 0; block < numbers.Length / 8; block++)
        {
            for (int i = 0; i < 4; i++)
            {
                ulong bits = SplitMix(key + (ulong)((block * 4) + i));
                double u = 1 - ((bits & 0xFFFFFFFF) / 4294967296.0);
                double v = (bits >> 32) / 4294967296.0;
                double radius = Math.Sqrt(-2 * Math.Log(u));

                // The series are cut at 1e-9.
                Assert.Equal(radius * Math.Cos(2 * Math.PI * v), numbers[(block * 8) + i], 1e-8);
                Assert.Equal(radius * Math.Sin(2 * Math.PI * v), numbers[(block * 8) + i + 4], 1e-8);
            }
        }
    }

    [Fact]
    public void Add_OnAnyThreads_HasTheSameBits()
    {
        int[] lengths = [100_003, 0, 1, 15, 64, 5_000];
        float[][] reference = Add(lengths, SingleThread.Instance);
        foreach (int threads in (int[])[2, 3, 7])
        {
            using WorkerPool pool = new(threads);
            Assert.Equal(reference, Add(lengths, pool));
        }

        // One tensor alone, on plain memory.
        float[] alone = new float[5_000];
        GradientNoise.Add<float>(alone, new NoiseStream(5, 5));
        Assert.Equal(reference[5], alone);
    }

    [Fact]
    public void Add_BoundsTheGradientButNotTheNoise()
    {
        double[] gradient = [.. Enumerable.Repeat(100.0, 999), double.NaN];
        GradientNoise.Add<double>(gradient, new NoiseStream(10, 1, ClipValue: 2));
        Assert.Equal(2, gradient[..999].Average(), 10 * 5 / Math.Sqrt(999));
        Assert.True(gradient[..999].Max() > 10);
        Assert.True(double.IsNaN(gradient[999]));
    }

    [Fact]
    public void VarianceAt_IsThePapers()
    {
        Assert.Equal(0.3, GradientNoise.VarianceAt(0.3, 0));
        Assert.Equal(0.3 / Math.Pow(100, 0.55), GradientNoise.VarianceAt(0.3, 99), 1e-15);
    }

    [Fact]
    public void Add_WithoutAStreamForEach_IsRefused()
    {
        TensorSlot[] slots = [new() { Length = 0 }];
        Assert.Throws<ArgumentException>(() => new GradientNoise().Add(slots, [], ElementType.Float32, SingleThread.Instance));
    }

    private static float[][] Add(int[] lengths, IParallelRunner runner)
    {
        float[][] gradients = [.. lengths.Select(static length => GC.AllocateArray<float>(length, pinned: true))];
        TensorSlot[] slots = new TensorSlot[lengths.Length];
        for (int index = 0; index < slots.Length; index++)
        {
            fixed (float* g = gradients[index])
            {
                slots[index] = new TensorSlot { Gradient = g, Length = lengths[index] };
            }
        }

        NoiseStream[] streams = [.. lengths.Select(static (_, index) => new NoiseStream(index, (ulong)index))];
        new GradientNoise().Add(slots, streams, ElementType.Float32, runner);
        GC.KeepAlive(gradients);
        return gradients;
    }

    private static double[] Draw(ulong key, int count)
    {
        double[] numbers = new double[count];
        GradientNoise.Add<double>(numbers, new NoiseStream(1, key));
        return numbers;
    }

    private static ulong SplitMix(ulong z)
    {
        z += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    // Φ by Simpson's rule over the density from 0: 200 intervals are exact to 1e-10 for |x| ≤ 6.
    private static double Cumulative(double x)
    {
        const int Intervals = 200;
        double width = x / Intervals;
        double sum = Density(0) + Density(x);
        for (int i = 1; i < Intervals; i++)
        {
            sum += Density(i * width) * (i % 2 == 0 ? 2 : 4);
        }

        return 0.5 + (sum * width / 3);
    }

    private static double Density(double x) => Math.Exp(-x * x / 2) / Math.Sqrt(2 * Math.PI);
}
