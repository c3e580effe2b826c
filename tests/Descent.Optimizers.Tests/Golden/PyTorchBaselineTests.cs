using System.Text.Json;

namespace Descent.Optimizers.Tests.Golden;

/// <summary>Parity with PyTorch's own recorded trajectories: 1,001 iterations in float64, to 1e-9.</summary>
public sealed class PyTorchBaselineTests
{
    private const double Tolerance = 1e-9;

    private static readonly string File = Path.Combine(Repository.Root, "..", "shared", "data", "golden", "pytorch_cpp_baseline.json");

    private static readonly Dictionary<string, OptimizerOptions> Cases = new()
    {
        ["Adam"] = new AdamOptions { LearningRate = 1 },
        ["Adam_with_weight_decay"] = new AdamOptions { LearningRate = 1, WeightDecay = 1e-2 },
        ["Adam_with_weight_decay_and_amsgrad"] = new AdamOptions { LearningRate = 1, WeightDecay = 1e-6, AmsGrad = true },
        ["AdamW"] = new AdamWOptions { LearningRate = 1 },
        ["AdamW_without_weight_decay"] = new AdamWOptions { LearningRate = 1, WeightDecay = 0 },
        ["AdamW_with_amsgrad"] = new AdamWOptions { LearningRate = 1, AmsGrad = true },
        ["Adagrad"] = new AdagradOptions { LearningRate = 1 },
        ["Adagrad_with_weight_decay"] = new AdagradOptions { LearningRate = 1, WeightDecay = 1e-2 },
        ["Adagrad_with_weight_decay_and_lr_decay"] = new AdagradOptions { LearningRate = 1, WeightDecay = 1e-6, LearningRateDecay = 1e-3 },
        ["RMSprop"] = new RmsPropOptions { LearningRate = 0.1 },
        ["RMSprop_with_weight_decay"] = new RmsPropOptions { LearningRate = 0.1, WeightDecay = 1e-2 },
        ["RMSprop_with_weight_decay_and_centered"] = new RmsPropOptions { LearningRate = 0.1, WeightDecay = 1e-6, Centered = true },
        ["RMSprop_with_weight_decay_and_centered_and_momentum"] =
            new RmsPropOptions { LearningRate = 0.1, WeightDecay = 1e-6, Centered = true, Momentum = 0.9 },
        ["SGD"] = new SgdOptions { LearningRate = 0.1 },
        ["SGD_with_weight_decay"] = new SgdOptions { LearningRate = 0.1, WeightDecay = 1e-2 },
        ["SGD_with_weight_decay_and_momentum"] = new MomentumOptions { LearningRate = 0.1, WeightDecay = 1e-2 },
        ["SGD_with_weight_decay_and_nesterov_momentum"] = new MomentumOptions { LearningRate = 0.1, WeightDecay = 1e-6, Nesterov = true },
    };

    public static TheoryData<string> Names => [.. Cases.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Trajectory_AgreesWithPyTorch(string name)
    {
        using JsonDocument baseline = Load();
        JsonElement[] sampledAfter = [.. baseline.RootElement.GetProperty("sampled_after_iteration").EnumerateArray()];
        JsonElement expected = baseline.RootElement.GetProperty("cases").GetProperty(name).GetProperty("params");
        double[] parameters = Flatten(baseline, baseline.RootElement.GetProperty("init_unrounded"));
        double[] gradient = new double[SigmoidNetwork.Parameters];
        SpanOptimizer<double> optimizer = new(Cases[name], parameters.Length, SingleThread.Instance);
        int sample = 0;
        for (int iteration = 0; iteration < baseline.RootElement.GetProperty("iterations").GetInt32(); iteration++)
        {
            SigmoidNetwork.Gradient(parameters, gradient);
            optimizer.Step(parameters, gradient);
            if (sample < sampledAfter.Length && sampledAfter[sample].GetInt32() == iteration)
            {
                RequireClose(Flatten(baseline, expected[sample]), parameters, $"{name} after iteration {iteration}");
                sample++;
            }
        }

        Assert.Equal(sampledAfter.Length, sample);
    }

    [Fact]
    public void Cases_OfTheFile_AreAllCovered()
    {
        using JsonDocument baseline = Load();
        string[] recorded = [.. baseline.RootElement.GetProperty("cases").EnumerateObject().Select(static entry => entry.Name)];
        Assert.Equal(recorded.Where(static name => !name.StartsWith("LBFGS", StringComparison.Ordinal)).Order(), Cases.Keys.Order());
    }

    private static JsonDocument Load()
    {
        Assert.SkipUnless(System.IO.File.Exists(File), $"PyTorch's recorded trajectories are not at {File}.");
        return JsonDocument.Parse(System.IO.File.ReadAllText(File));
    }

    /// <summary>A list of tensors, or an object of named ones, in the file's order, as one vector.</summary>
    private static double[] Flatten(JsonDocument baseline, JsonElement tensors)
    {
        IEnumerable<JsonElement> ordered = tensors.ValueKind == JsonValueKind.Object
            ? baseline.RootElement.GetProperty("order").EnumerateArray().Select(key => tensors.GetProperty(key.GetString()!))
            : tensors.EnumerateArray();
        return [.. ordered.SelectMany(static tensor => tensor.EnumerateArray()).Select(static number => number.GetDouble())];
    }

    private static void RequireClose(double[] expected, double[] actual, string context)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int index = 0; index < expected.Length; index++)
        {
            double error = Math.Abs(expected[index] - actual[index]);
            Assert.True(error <= Tolerance * Math.Max(1, Math.Abs(expected[index])), $"{context}: parameter {index} is {actual[index]:R}, PyTorch has {expected[index]:R}, {error:E2} apart.");
        }
    }
}
