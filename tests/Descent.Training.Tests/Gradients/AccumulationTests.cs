using CsCheck;
using Descent.Optimizers;
using Descent.Torch;
using Descent.Training.Configuration;
using Descent.Training.Data;
using Descent.Training.Losses;
using Descent.Training.Models;
using Descent.Training.Tests.Models;
using Descent.Training.Tests.Training;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Descent.Training.Tests.Gradients;

/// <summary>
/// The gradient of a window is that of one batch of all its samples, whatever the loss and however the window is cut, with padding, with micro-batches that
/// count no target, and with a shorter last one.
/// </summary>
public sealed class AccumulationTests
{
    // A micro-batch's gradients are float32 sums: reordering them costs a few of their 24 bits.
    private const double Tolerance = 2e-5;

    private static readonly LossOptions[] ClassLosses =
    [
        new CrossEntropyOptions(),
        new CrossEntropyOptions { LabelSmoothing = 0.2, ZLoss = 0.1 },
        new SumOptions { Terms = [new CrossEntropyOptions { Weight = 0.5 }, new CrossEntropyOptions { Name = "smooth", LabelSmoothing = 0.5, Weight = 2 }] },

        // Each term counts targets that the other doesn't.
        new SumOptions { Terms = [new CrossEntropyOptions { IgnoreIndex = 0 }, new CrossEntropyOptions { Name = "other", IgnoreIndex = 1, Weight = 0.7 }] },
    ];

    private static readonly LossOptions[] ValueLosses =
    [
        new MeanSquaredErrorOptions(),
        new HuberOptions { Delta = 0.3 },
        new SumOptions { Terms = [new MeanSquaredErrorOptions { Weight = 0.3 }, new HuberOptions { Weight = 1.5 }] },
    ];

    private static readonly DataShape Text = TestModels.Text();
    private static readonly DataShape Classes = TestModels.Table();
    private static readonly DataShape Values = TestModels.Table(outputs: 2, task: TaskKind.Regression);

    // Lengths of micro-batches; how likely a target is padding, for each.
    private static readonly Gen<(int Length, double Padding)[]> Windows =
        Gen.Select(Gen.Int[1, 5], Gen.Int[0, 2].Select(static choice => new[] { 0, 0.3, 1 }[choice])).Array[1, 6];

    [Fact]
    public void Text_Accumulated_EqualsTheLargeBatch() => Check(Text, TestModels.TinyGpt, ClassLosses[..2], samples: 25);

    [Fact]
    public void TextThroughLogits_Accumulated_EqualsTheLargeBatch() => Check(Text, TestModels.TinyLlama, ClassLosses[2..3], samples: 15);

    [Fact]
    public void Classes_Accumulated_EqualsTheLargeBatch() => Check(Classes, new MlpOptions { Widths = [8] }, ClassLosses, samples: 60);

    [Fact]
    public void Values_Accumulated_EqualsTheLargeBatch() => Check(Values, new MlpOptions { Widths = [8] }, ValueLosses, samples: 60);

    /// <summary>Through the trainer: full batches whose last micro-batch is whatever remains.</summary>
    [Fact]
    public void FullBatch_WithALastPartialBatch_EqualsTheLargeBatch() =>
        Gen.Select(Gen.Int[3, 40], Gen.Int[1, 17], Gen.Int[0, ValueLosses.Length - 1]).Sample(
            (count, batchSize, loss) =>
            {
                using DisposeScope scope = NewDisposeScope();
                using Model parts = TestModels.Initialized(new MlpOptions { Widths = [8] }, TinyTask.Split().Training.Shape);
                using Model whole = TestModels.Initialized(new MlpOptions { Widths = [8] }, TinyTask.Split().Training.Shape);
                OneStep(parts, count, batchSize, ValueLosses[loss]);
                OneStep(whole, count, count, ValueLosses[loss]);
                AssertClose(parts, whole, static parameter => parameter.detach());
            },
            iter: 40,
            threads: 1);

    private static void OneStep(Model model, int count, int batchSize, LossOptions loss)
    {
        using var trainer = new Trainer(model, TinyTask.Split(count), batchSize, new TrainingOptions
        {
            Optimizer = new SgdOptions { LearningRate = 0.1 },
            Loss = loss,
            Gradients = new GradientOptions { FullBatch = true },
            Stop = new StopOptions { Steps = 1 },
            Validation = new ValidationOptions { EverySteps = 0 },
        });
        trainer.Run(TestContext.Current.CancellationToken);
    }

    private static void Check(DataShape shape, ModelOptions options, LossOptions[] losses, int samples) =>
        Gen.Select(Windows, Gen.Int[0, losses.Length - 1], Gen.Int[0, int.MaxValue]).Sample(
            (window, which, seed) =>
            {
                using DisposeScope scope = NewDisposeScope();
                using Model parts = TestModels.Initialized(options, shape);
                using Model whole = TestModels.Initialized(options, shape);
                Loss loss = losses[which].Build();
                long padding = losses[which] is SumOptions { Terms: [CrossEntropyOptions { IgnoreIndex: >= 0 } first, ..] } ? first.IgnoreIndex : -100;
                HostBatch all = Fill(shape, window, padding, new Random(seed));
                WindowSum sums = Gradients(parts, loss, Cut(all, [.. window.Select(static part => part.Length)]));
                WindowSum sum = Gradients(whole, loss, Cut(all, [all.Samples]));
                Assert.Equal(sum.Targets, sums.Targets);
                Assert.Equal(sum.Loss, sums.Loss, 1e-5 * Math.Max(1, Math.Abs(sum.Loss)));
                Assert.All(sum.Terms(), term => Assert.Equal(term.Value, sums.Terms()[term.Key], 1e-5 * Math.Max(1, Math.Abs(term.Value))));
                AssertClose(parts, whole, static parameter => parameter.grad!);
            },
            iter: samples,
            threads: 1);

    private static WindowSum Gradients(Model model, Loss loss, IEnumerable<Batch> batches)
    {
        using FusedOptimizer optimizer = FusedOptimizer.Create(Routes.Of(model, new TrainingOptions { Optimizer = new SgdOptions() }).Groups);
        var sums = new WindowSum();
        new WindowPass(model, loss, optimizer, new TrainingOptions { Seed = 1 }).Run(batches, step: 0, sums);
        return sums;
    }

    private static HostBatch Fill(DataShape shape, (int Length, double Padding)[] window, long padding, Random random)
    {
        var all = new HostBatch(shape, window.Sum(static part => part.Length));
        all.Samples = all.Capacity;
        RandomNumbers(all.Features, random);
        RandomNumbers(all.Values, random);
        int labels = all.Labels.Length / all.Samples;
        for (int i = 0; i < all.Tokens.Length; i++)
        {
            all.Tokens[i] = random.Next(shape.Outputs);
        }

        int next = 0;
        foreach ((int length, double share) in window)
        {
            for (int i = 0; i < length * labels; i++)
            {
                all.Labels[next++] = random.NextDouble() < share ? padding : random.Next(shape.Outputs);
            }
        }

        return all;
    }

    private static void RandomNumbers(float[] values, Random random)
    {
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = (float)((random.NextDouble() * 4) - 2);
        }
    }

    private static IEnumerable<Batch> Cut(HostBatch all, int[] lengths)
    {
        int start = 0;
        foreach (int length in lengths)
        {
            var part = new HostBatch(all.Shape, length) { Samples = length };
            Slice(all.Tokens, part.Tokens, start, all.Samples);
            Slice(all.Labels, part.Labels, start, all.Samples);
            Slice(all.Features, part.Features, start, all.Samples);
            Slice(all.Values, part.Values, start, all.Samples);
            start += length;
            using Batch batch = Batch.From(part, null);
            yield return batch;
        }
    }

    private static void Slice<T>(T[] from, T[] to, int start, int samples) =>
        Array.Copy(from, from.Length / samples * start, to, 0, to.Length);

    private static void AssertClose(Model parts, Model whole, Func<Parameter, Tensor> of)
    {
        var others = parts.named_parameters().ToDictionary(static entry => entry.name, static entry => entry.parameter);
        double largest = whole.parameters().Max(parameter => of(parameter).abs().max().item<float>());
        foreach ((string name, Parameter parameter) in whole.named_parameters())
        {
            double difference = (of(parameter) - of(others[name])).abs().max().item<float>();
            Assert.True(difference <= Tolerance * Math.Max(largest, 1e-3), $"{name}: {difference} of {largest}");
        }
    }
}
