using Descent.Training.Configuration;
using Descent.Training.Data;
using Descent.Training.Initialization;
using Descent.Training.Models;
using Descent.Training.Probing;
using Descent.Training.Tests.Training;

namespace Descent.Training.Tests.Probing;

public sealed class GradientNoiseTests
{
    [Fact]
    public void Judge_OfWindowsThatAgree_HasTheirRatioAndNoInterval()
    {
        NoiseScale scale = GradientNoise.Judge([.. Enumerable.Repeat((Gradient: 0.5, Noise: 20.0), 8)], 4, 32);

        Assert.Equal(40, scale.Samples, 1e-9);
        Assert.Equal(40, scale.Low, 1e-9);
        Assert.Equal(40, scale.High, 1e-9);
        Assert.Equal((4, 32, 8), (scale.SmallBatch, scale.BigBatch, scale.Windows));
    }

    [Fact]
    public void Judge_AveragesBeforeItDivides()
    {
        // Means 2 and 30: 15. The mean of the ratios would be (10 + 20 + 15) ÷ 3 only by chance, here it is 17.5 of two.
        NoiseScale scale = GradientNoise.Judge([(1, 10), (3, 50), (2, 30), (2, 30)], 1, 8);

        Assert.Equal(15, scale.Samples, 1e-9);
        Assert.InRange(scale.Low, 5, 15);
        Assert.InRange(scale.High, 15, 40);
        Assert.Equal(15.0 / scale.Low, scale.High / 15.0, 1e-9);
    }

    [Fact]
    public void Judge_WhereTheGradientDrowns_HasNoUpperEnd()
    {
        Assert.Equal(double.PositiveInfinity, GradientNoise.Judge([(-1, 10), (0.5, 10), (0.1, 10), (0.1, 10)], 2, 16).Samples);

        // One window alone lifts it above nothing.
        NoiseScale scale = GradientNoise.Judge([(1, 10), (-0.2, 10), (-0.2, 10), (-0.2, 10)], 2, 16);
        Assert.Equal(double.PositiveInfinity, scale.High);
        Assert.True(double.IsFinite(scale.Low));
    }

    [Fact]
    public void Measure_KeepsTheWeightsAndIsTheSameAgain()
    {
        DataSplit data = TinyTask.Split(training: 256);
        using Model model = Fresh(data);
        byte[] before = Bytes(model);

        NoiseScale? first = GradientNoise.Measure(model, data, 4, new TrainingOptions(), cancellation: TestContext.Current.CancellationToken);
        NoiseScale? second = GradientNoise.Measure(model, data, 4, new TrainingOptions(), cancellation: TestContext.Current.CancellationToken);

        Assert.Equal(first, second);
        Assert.Equal(before, Bytes(model));
        Assert.InRange(first!.Samples, 0.1, 1000);
        Assert.Equal((4, 32, 16), (first.SmallBatch, first.BigBatch, first.Windows));
        Assert.InRange(first.Samples, first.Low, first.High);
        Assert.All(model.parameters(), static parameter => Assert.True(parameter.grad is null || parameter.grad.abs().sum().item<float>() == 0));
    }

    /// <summary>Where all samples are one, every batch has the same gradient: no noise.</summary>
    [Fact]
    public void Measure_OfOneSampleOverAndOver_FindsNoNoise()
    {
        var same = new SameSample();
        var data = new DataSplit { Training = same, Validation = same, Description = "one sample", Fingerprint = new string('0', 64) };
        using Model model = Fresh(data);

        NoiseScale? scale = GradientNoise.Measure(model, data, 4, new TrainingOptions(), windows: 4, TestContext.Current.CancellationToken);

        Assert.InRange(scale!.Samples, 0, 1e-3);
    }

    [Fact]
    public void Measure_OfTooFewSamples_IsNone()
    {
        DataSplit data = TinyTask.Split(training: 15);
        using Model model = Fresh(data);

        Assert.Null(GradientNoise.Measure(model, data, 4, new TrainingOptions(), cancellation: TestContext.Current.CancellationToken));
        Assert.Throws<ArgumentOutOfRangeException>(() => GradientNoise.Measure(model, data, 4, new TrainingOptions(), windows: 3, TestContext.Current.CancellationToken));
    }

    private static Model Fresh(DataSplit data)
    {
        Model model = new MlpOptions { Widths = [6] }.Build(data.Training.Shape);
        new InitializationOptions().Apply(model, 3);
        return model;
    }

    private static byte[] Bytes(Model model) => [.. model.parameters().SelectMany(static parameter => parameter.detach().bytes.ToArray())];

    private sealed class SameSample : IDataset
    {
        public DataShape Shape { get; } = new() { Task = TaskKind.Regression, InputShape = [4], Outputs = 1 };

        public long Count => 256;

        public void Fill(ReadOnlySpan<long> samples, HostBatch batch, EpochKey epoch)
        {
            batch.Features.AsSpan(0, 4 * samples.Length).Fill(0.5f);
            batch.Values.AsSpan(0, samples.Length).Fill(2);
        }
    }
}
