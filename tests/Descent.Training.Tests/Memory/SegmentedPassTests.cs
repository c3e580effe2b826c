using Descent.Training.Initialization;
using Descent.Training.Losses;
using Descent.Training.Memory;
using Descent.Training.Models;
using Descent.Training.Parametrization;
using Descent.Training.Tests.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Descent.Training.Tests.Memory;

public sealed class SegmentedPassTests
{
    private const long Seed = 3, Step = 7, MicroBatch = 2;

    public static TheoryData<string> Kinds => ["gpt", "gpt_untied", "gpt_mup", "mlp_norm", "cnn", "sequential", "frozen", "single"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void AnyPartRecomputed_GivesTheBitsOfOneGraph(string kind)
    {
        using DisposeScope scope = NewDisposeScope();
        Loss loss = new CrossEntropyOptions { LabelSmoothing = 0.1 }.Build();
        (Tensor inputs, Tensor targets) = Sample(kind);
        using Model reference = Build(kind);
        double expected = RunAsOneGraph(reference, loss, inputs, targets);
        Assert.True(expected > 0);
        for (int recompute = 0; recompute <= reference.Segments.Count; recompute++)
        {
            using Model model = Build(kind);
            using LossValue value = new SegmentedPass(model, loss, Seed, recompute).Run(inputs, targets, Step, MicroBatch);
            Assert.Equal(expected, value.Sum.item<float>());
            foreach (((string name, var parameter), (string _, var other)) in model.named_parameters().Zip(reference.named_parameters()))
            {
                Assert.Equal(other.grad is null, parameter.grad is null);
                Assert.True(other.grad is null || parameter.grad!.allclose(other.grad, 0, 0), $"{name}, {recompute} recomputed");
            }

            foreach (((string name, Tensor buffer), (string _, Tensor other)) in model.named_buffers().Zip(reference.named_buffers()))
            {
                Assert.True(buffer.allclose(other, 0, 0), $"{name}, {recompute} recomputed");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void BodyAndLastSegment_AreTheWholeModel(string kind)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        Loss loss = new CrossEntropyOptions().Build();
        (Tensor inputs, Tensor targets) = Sample(kind);
        using Model model = Build(kind);
        model.eval();
        Assert.Equal(loss.Compute(model.call(inputs), targets).Mean, loss.Compute(model, inputs, targets).Mean, 1e-5);
    }

    [Fact]
    public void Passes_AddUp()
    {
        using DisposeScope scope = NewDisposeScope();
        Loss loss = new CrossEntropyOptions().Build();
        (Tensor inputs, Tensor targets) = Sample("sequential");
        using Model model = Build("sequential");
        var pass = new SegmentedPass(model, loss, Seed, recompute: 9);
        pass.Run(inputs, targets, Step, MicroBatch).Dispose();
        Tensor once = model.parameters().First().grad!.clone();
        pass.Run(inputs, targets, Step, MicroBatch).Dispose();
        Assert.True((once + once).allclose(model.parameters().First().grad!, 1e-6, 1e-7));
    }

    [Fact]
    public void Over200Passes_NothingIsLeftBehind()
    {
        using Model model = Build("gpt");
        Loss loss = new CrossEntropyOptions().Build();
        using DisposeScope scope = NewDisposeScope();
        (Tensor inputs, Tensor targets) = Sample("gpt");
        var pass = new SegmentedPass(model, loss, Seed, recompute: 2);
        long live = 0;
        for (int i = 0; i < 200; i++)
        {
            using (NewDisposeScope())
            {
                pass.Run(inputs, targets, i, 0).Dispose();
            }

            live = i == 4 ? DisposeScopeManager.Statistics.ThreadTotalLiveCount : live;
        }

        Assert.Equal(live, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    private static double RunAsOneGraph(Model model, Loss loss, Tensor inputs, Tensor targets)
    {
        Tensor x = inputs;
        for (int i = 0; i < model.Segments.Count - 1; i++)
        {
            manual_seed(RandomStream.OfSegment(Seed, Step, MicroBatch, i));
            x = model.Segments[i].call(x);
        }

        manual_seed(RandomStream.OfSegment(Seed, Step, MicroBatch, model.Segments.Count - 1));
        LossValue value = loss.ComputeFromBody(model, x, targets);
        BackwardPass.Run(value.Sum);
        return value.Sum.item<float>();
    }

    private static (Tensor Inputs, Tensor Targets) Sample(string kind)
    {
        manual_seed(11);
        return kind switch
        {
            "gpt" or "gpt_untied" or "gpt_mup" or "frozen" => (randint(0, 32, [3, 8], ScalarType.Int64), randint(0, 32, [3, 8], ScalarType.Int64)),
            "mlp_norm" => (randn(12, 6), randint(0, 3, [12], ScalarType.Int64)),
            _ => (randn(6, 1, 8, 8), randint(0, 3, [6], ScalarType.Int64)),
        };
    }

    private static Model Build(string kind)
    {
        Model model = kind switch
        {
            "gpt" or "frozen" => new GptOptions { Layers = 3, Width = 16, Heads = 2, Dropout = 0.2 }.Build(TestModels.Text(vocabulary: 32, context: 8)),
            "gpt_untied" => new GptOptions { Layers = 2, Width = 16, Heads = 2, Dropout = 0.2, TiedHead = false, Norm = NormKind.RmsNorm }.Build(TestModels.Text(vocabulary: 32, context: 8)),
            "gpt_mup" => new GptOptions { Layers = 2, Width = 16, Heads = 2, Dropout = 0.2, Parametrization = ParametrizationKind.Mup, BaseWidth = 4 }.Build(TestModels.Text(vocabulary: 32, context: 8)),
            "mlp_norm" => new MlpOptions { Widths = [16, 8], BatchNorm = true, Dropout = 0.2 }.Build(TestModels.Table()),
            "cnn" => new CnnOptions { Channels = [16, 32], Dropout = 0.2 }.Build(TestModels.Images(classes: 3, size: 8)),
            "single" => new ModuleModel(nn.Sequential(nn.Flatten(), nn.Linear(64, 3))),
            _ => new ModuleModel(nn.Sequential(
                nn.Dropout(0.1), nn.Conv2d(1, 16, 3), nn.BatchNorm2d(16), nn.ReLU(inplace: true), nn.Dropout(0.2), nn.Flatten(), nn.Linear(16 * 36, 8), nn.Tanh(), nn.Linear(8, 3))),
        };
        new InitializationOptions { Kind = InitializationKind.Normal, Deviation = 0.2 }.Apply(model, seed: 5);
        foreach (var (_, parameter) in model.named_parameters().Where(entry => kind == "frozen" && entry.name.StartsWith("blocks.0", StringComparison.Ordinal)))
        {
            parameter.requires_grad = false;
        }

        model.train();
        return model;
    }
}
