using Descent.Optimizers;
using Descent.Training.Configuration;
using Descent.Training.Data;
using Descent.Training.Initialization;
using Descent.Training.Models;
using Descent.Training.Tests.Training;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Descent.Training.Tests.Gradients;

/// <summary>Every kind of clipping, and noise, against a plain loop: libtorch's mean loss and backward, then the formula in double on the gradient's numbers.</summary>
public sealed class GradientTreatmentTests : IDisposable
{
    private const int Steps = 3;
    private const double Rate = 0.5;

    private readonly DisposeScope _scope = NewDisposeScope();

    public static TheoryData<string> Kinds => ["none", "norm", "value", "tensor", "block", "adaptive"];

    public void Dispose() => _scope.Dispose();

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Run_EqualsAPlainLoop(string kind) => Check(kind, noise: false);

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Run_WithNoise_AddsItAfterClipping(string kind) => Check(kind, noise: true);

    [Fact]
    public void Blocks_AreTheModelsSegments()
    {
        using Model gpt = Models.TestModels.TinyGpt2.Build(Models.TestModels.Text());
        Func<string, string> blockOf = ModelBlocks.Of(gpt);
        string[] blocks = [.. gpt.named_parameters().Select(entry => blockOf(entry.name))];
        Assert.Equal(gpt.Segments.Count, blocks.Distinct().Count());
        Assert.Equal(blockOf("embedding.tokens"), blockOf("embedding.positions"));
        Assert.NotEqual(blockOf("blocks.0.attention.output.weight"), blockOf("blocks.1.attention.output.weight"));
        Assert.Equal(blockOf("blocks.0.attention.output.weight"), blockOf("blocks.0.mlp.down.weight"));
    }

    [Fact]
    public void RunFile_WithTwoWaysToClip_IsRefused()
    {
        string message = Assert.Throws<BadInputException>(() => RunFile.Parse(
            "model: mlp\ndata: csv\ngradients: { clip_norm: 1, clip_value: 0.5, clip_each: { by: tensor } }", "run.yaml")).Message;
        Assert.Equal("run.yaml:3: 'gradients': clip_norm and clip_value and clip_each are set, and each would undo what the other measures; give one of them", message);
    }

    /// <summary>All kinds find the tensor that is not finite, before anything is changed.</summary>
    [Theory]
    [MemberData(nameof(Kinds))]
    public void Run_WithANonFiniteGradient_NamesTheTensor(string kind)
    {
        using Model model = Model();
        TrainingOptions options = Options(kind, noise: true) with { Optimizer = new SgdOptions { LearningRate = 1e25 } };
        var told = new Recorder();
        RunStopped stopped = Train(model, options with { Stop = new StopOptions { Steps = 50 } }, told);
        Assert.True(
            stopped.Reason == StopReason.NonFinite && (stopped.Message.Contains("the gradient of '", StringComparison.Ordinal) || stopped.Message.Contains("the loss", StringComparison.Ordinal)),
            stopped.Message);
        Assert.All(model.parameters(), parameter => Assert.True(parameter.isfinite().all().item<bool>()));
    }

    private static void Check(string kind, bool noise)
    {
        using Model trained = Model();
        var told = new Recorder();
        Train(trained, Options(kind, noise), told);
        using Model plain = Model();
        List<(double Before, double After)> norms = PlainLoop(plain, kind, noise);

        // The trainer divides the sum of the losses after backward, the plain loop before: float32 gradients differ by their rounding.
        foreach ((string name, Parameter parameter) in plain.named_parameters())
        {
            Assert.True(allclose(parameter, trained.state_dict()[name], rtol: 1e-4, atol: 1e-5), name);
        }

        Assert.Equal(norms.Select(static norm => norm.Before), told.Steps.Select(static step => step.GradientNorm), static (a, b) => Math.Abs(a - b) < 1e-4 * a);
        if (kind == "none")
        {
            Assert.All(told.Steps, static step => Assert.True(step.ClippedNorm is null && step.ClippedFraction is null));
        }
        else
        {
            Assert.Equal(norms.Select(static norm => norm.After), told.Steps.Select(static step => step.ClippedNorm!.Value), static (a, b) => Math.Abs(a - b) < 1e-4 * a);
            Assert.Contains(told.Steps, static step => step.ClippedFraction > 0);
            Assert.All(told.Steps, static step => Assert.True(step.ClippedNorm <= step.GradientNorm * (1 + 1e-12)));
        }
    }

    private static List<(double Before, double After)> PlainLoop(Model model, string kind, bool noise)
    {
        using var loader = new BatchLoader(TinyTask.Split().Training, 16, seed: 1, prefetch: 0);
        List<(double, double)> norms = [];
        (string Name, Parameter Parameter)[] named = [.. model.named_parameters()];
        for (int step = 0; step < Steps; step++)
        {
            using Batch batch = loader.Next();
            model.zero_grad();
            nn.functional.mse_loss(model.call(batch.Inputs), batch.Targets).backward();
            double[][] gradients = [.. named.Select(static entry => entry.Parameter.grad!.to(ScalarType.Float64).data<double>().ToArray())];
            double before = Norm(gradients);
            Clip(kind, named, gradients);
            norms.Add((before, Norm(gradients)));
            for (int i = 0; i < named.Length; i++)
            {
                if (noise)
                {
                    GradientNoise.Add(gradients[i].AsSpan(), new NoiseStream(Math.Sqrt(0.04 / Math.Pow(1 + step, 0.7)), NoiseStream.KeyOf(1, step, named[i].Name)));
                }

                using IDisposable noGrad = no_grad();
                using Scalar rate = (-Rate).ToScalar();
                named[i].Parameter.add_(tensor(gradients[i], named[i].Parameter.shape).to(ScalarType.Float32), rate);
            }
        }

        return norms;
    }

    private static void Clip(string kind, (string Name, Parameter Parameter)[] named, double[][] gradients)
    {
        switch (kind)
        {
            case "norm":
                Scale(gradients, 0.2 / Norm(gradients));
                break;
            case "value":
                foreach (double[] gradient in gradients)
                {
                    for (int i = 0; i < gradient.Length; i++)
                    {
                        gradient[i] = Math.Clamp(gradient[i], -0.05, 0.05);
                    }
                }

                break;
            case "tensor":
            case "block":
                foreach (var part in named.Zip(gradients).GroupBy(entry => kind == "tensor" ? entry.First.Name : BlockOf(entry.First.Name)))
                {
                    double[][] together = [.. part.Select(static entry => entry.Second)];
                    Scale(together, 0.1 / Norm(together));
                }

                break;
            case "adaptive":
                for (int i = 0; i < named.Length; i++)
                {
                    if (!named[i].Name.StartsWith("head", StringComparison.Ordinal))
                    {
                        Adaptive(named[i].Parameter, gradients[i]);
                    }
                }

                break;
        }
    }

    // "layers.0.linear.weight" is of the first hidden layer, "head.bias" of the head.
    private static string BlockOf(string name) => name.StartsWith("layers.", StringComparison.Ordinal) ? name[..8] : "head";

    private static void Adaptive(Parameter parameter, double[] gradient)
    {
        double[] weights = parameter.detach().to(ScalarType.Float64).data<double>().ToArray();
        int units = parameter.dim() < 2 ? 1 : (int)parameter.shape[0];
        int unit = weights.Length / units;
        for (int u = 0; u < units; u++)
        {
            double g = Norm([gradient[(u * unit)..((u + 1) * unit)]]), w = Norm([weights[(u * unit)..((u + 1) * unit)]]);
            double limit = 0.05 * Math.Max(w, 0.01);
            for (int i = u * unit; g > limit && i < (u + 1) * unit; i++)
            {
                gradient[i] *= limit / g;
            }
        }
    }

    private static void Scale(double[][] gradients, double factor)
    {
        foreach (double[] gradient in gradients)
        {
            for (int i = 0; i < gradient.Length; i++)
            {
                gradient[i] *= Math.Min(1, factor);
            }
        }
    }

    private static double Norm(double[][] values) => Math.Sqrt(values.Sum(static part => part.Sum(static value => value * value)));

    private static TrainingOptions Options(string kind, bool noise) => new()
    {
        Optimizer = new SgdOptions { LearningRate = Rate },
        Stop = new StopOptions { Steps = Steps },
        Validation = new ValidationOptions { EverySteps = 0 },
        Gradients = new GradientOptions
        {
            ClipNorm = kind == "norm" ? 0.2 : null,
            ClipValue = kind == "value" ? 0.05 : null,
            ClipEach = kind is "tensor" or "block" ? new ClipEachOptions { Norm = 0.1, By = kind == "tensor" ? ClipPart.Tensor : ClipPart.Block } : null,
            ClipAdaptive = kind == "adaptive" ? new AdaptiveClipOptions { Ratio = 0.05, Epsilon = 0.01 } : null,
            Noise = noise ? new GradientNoiseOptions { Eta = 0.04, Gamma = 0.7 } : null,
        },
    };

    private static Model Model()
    {
        Model model = new MlpOptions { Widths = [8, 8] }.Build(TinyTask.Split().Training.Shape);
        new InitializationOptions().Apply(model, seed: 1);
        return model;
    }

    private static RunStopped Train(Model model, TrainingOptions options, Recorder told)
    {
        using var trainer = new Trainer(model, TinyTask.Split(), 16, options) { Observers = [told] };
        return trainer.Run(TestContext.Current.CancellationToken);
    }
}
