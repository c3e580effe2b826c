using System.Text.Json;
using Descent.Training.Data;

namespace Descent.Training.Tests.Data;

public sealed class BatchLoaderTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Next_OverAPass_GivesEverySampleOnce(bool shuffle)
    {
        using var loader = new BatchLoader(new CountingDataset(23), 5, seed: 1, shuffle, dropLast: false);
        List<(float Sample, float Epoch)> samples = Take(loader, 10);

        Assert.Equal(Enumerable.Range(0, 23).Select(i => (float)i), samples[..23].Select(s => s.Sample).Order());
        Assert.Equal(Enumerable.Range(0, 23).Select(i => (float)i), samples[23..].Select(s => s.Sample).Order());
        Assert.All(samples[..23], s => Assert.Equal(0, s.Epoch));
        Assert.All(samples[23..], s => Assert.Equal(1, s.Epoch));
        Assert.Equal(!shuffle, samples[..23].SequenceEqual(samples[..23].Order()));
        Assert.Equal(shuffle, !samples[..23].Select(s => s.Sample).SequenceEqual(samples[23..].Select(s => s.Sample)));
        Assert.Equal(new DataCursor(2, 0), loader.Cursor);
    }

    [Fact]
    public void Next_DroppingTheLast_GivesFullBatchesOnly()
    {
        using var loader = new BatchLoader(new CountingDataset(23), 5, seed: 1);
        for (int i = 0; i < 9; i++)
        {
            using Batch batch = loader.Next();
            Assert.Equal(5, batch.Samples);
            Assert.Equal([5L, 1L], batch.Inputs.shape);
        }

        Assert.Equal(new DataCursor(2, 5), loader.Cursor);
    }

    [Fact]
    public void Next_WithLessThanABatch_GivesAllThereIs()
    {
        using var loader = new BatchLoader(new CountingDataset(3), 5, seed: 1);
        Assert.Equal(6, Take(loader, 2).Count);
    }

    [Theory]
    [InlineData(true, true, 0)]
    [InlineData(true, false, 3)]
    [InlineData(false, false, 1)]
    public void Cursor_AtEveryPlace_ResumesExactly(bool shuffle, bool dropLast, int prefetch)
    {
        var dataset = new CountingDataset(23);
        using var whole = new BatchLoader(dataset, 4, seed: 9, shuffle, dropLast: dropLast, prefetch: 0);
        List<(float, float)> expected = [];
        List<(DataCursor Cursor, int Done)> places = [(whole.Cursor, 0)];
        for (int i = 0; i < 14; i++)
        {
            expected.AddRange(Take(whole, 1));
            places.Add((whole.Cursor, expected.Count));
        }

        foreach ((DataCursor cursor, int done) in places[..^1])
        {
            DataCursor read = JsonSerializer.Deserialize<DataCursor>(JsonSerializer.Serialize(cursor))!;
            using var resumed = new BatchLoader(dataset, 4, seed: 9, shuffle, read, dropLast, prefetch);
            List<(float, float)> rest = [];
            while (rest.Count < expected.Count - done)
            {
                rest.AddRange(Take(resumed, 1));
            }

            Assert.Equal(expected[done..], rest);
        }
    }

    [Fact]
    public void Next_WithAndWithoutPrefetch_IsTheSame()
    {
        List<(float, float)>[] streams = [.. new[] { 0, 1, 8 }.Select(prefetch =>
        {
            using var loader = new BatchLoader(new CountingDataset(101), 7, seed: 4, prefetch: prefetch);
            return Take(loader, 100);
        })];

        Assert.Equal(streams[0], streams[1]);
        Assert.Equal(streams[0], streams[2]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void Next_WhenFillingFails_ThrowsAtThatBatch(int prefetch)
    {
        using var loader = new BatchLoader(new CountingDataset(20) { Poison = 9 }, 4, seed: 1, shuffle: false, prefetch: prefetch);
        Assert.Equal(8, Take(loader, 2).Count);
        Assert.Equal("sample 9 is poison", Assert.Throws<InvalidOperationException>(loader.Next).Message);
    }

    [Fact]
    public void Dispose_WhileTheThreadWaits_EndsIt()
    {
        var loader = new BatchLoader(new CountingDataset(1000), 4, seed: 1, prefetch: 1);
        Take(loader, 1);
        loader.Dispose();
        loader.Dispose();
        Assert.Throws<ObjectDisposedException>(loader.Next);
    }

    [Theory]
    [InlineData(-1, 0)]
    [InlineData(0, -1)]
    [InlineData(0, 20)]
    public void Start_OutsideTheData_IsRefused(long epoch, long sample) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new BatchLoader(new CountingDataset(20), 4, seed: 1, start: new DataCursor(epoch, sample)));

    [Fact]
    public void Pass_Unlimited_GivesEverySampleInOrder()
    {
        List<float> samples = Read(BatchLoader.Pass(new CountingDataset(10), 4));
        Assert.Equal(Enumerable.Range(0, 10).Select(i => (float)i), samples);
    }

    [Fact]
    public void Pass_Limited_GivesTheSameSpreadChoiceEveryTime()
    {
        List<float> samples = Read(BatchLoader.Pass(new CountingDataset(1000), 4, maximumSamples: 50));
        Assert.Equal(samples, Read(BatchLoader.Pass(new CountingDataset(1000), 16, maximumSamples: 50)));
        Assert.Equal(50, samples.Distinct().Count());
        Assert.Equal(samples.Order(), samples);
        Assert.True(samples[0] < 200 && samples[^1] > 800, "the choice isn't spread over the data");
    }

    private static List<(float Sample, float Epoch)> Take(BatchLoader loader, int batches)
    {
        List<(float, float)> samples = [];
        for (int i = 0; i < batches; i++)
        {
            using Batch batch = loader.Next();
            samples.AddRange(batch.Inputs.data<float>().ToArray().Zip(batch.Targets.data<float>().ToArray()));
        }

        return samples;
    }

    private static List<float> Read(IEnumerable<Batch> batches)
    {
        List<float> samples = [];
        foreach (Batch batch in batches)
        {
            using (batch)
            {
                samples.AddRange(batch.Inputs.data<float>().ToArray());
            }
        }

        return samples;
    }
}
