// Records tests/Golden/optimizers.json: what libtorch's operators do in float64 with the problem that RecordedVectorsTests describes.
//   dotnet run -c Release --project tools/RecordGolden [FILE]
using System.Reflection;
using System.Text.Encodings.Web;
using System.Text.Json;
using Descent.Optimizers;
using Descent.Tools.RecordGolden;

OptimizerOptions[] cases =
[
    new SgdOptions { LearningRate = 0.1 },
    new SgdOptions { LearningRate = 0.1, WeightDecay = 0.05 },
    new SgdOptions { LearningRate = 0.001, Maximize = true },
    new MomentumOptions { LearningRate = 0.05 },
    new MomentumOptions { LearningRate = 0.05, Momentum = 0.8, Dampening = 0.5, WeightDecay = 0.01 },
    new MomentumOptions { LearningRate = 0.05, Nesterov = true },
    new EmaMomentumOptions { LearningRate = 0.1 },
    new AdagradOptions { LearningRate = 0.1 },
    new AdagradOptions { LearningRate = 0.1, LearningRateDecay = 0.01, InitialAccumulator = 0.1, WeightDecay = 0.05 },
    new RmsPropOptions { LearningRate = 0.01 },
    new RmsPropOptions { LearningRate = 0.01, Alpha = 0.9, WeightDecay = 0.05, Momentum = 0.9 },
    new RmsPropOptions { LearningRate = 0.01, Centered = true },
    new RmsPropOptions { LearningRate = 0.01, Centered = true, Momentum = 0.5, Epsilon = 1e-4 },
    new AdamOptions { LearningRate = 0.05 },
    new AdamOptions { LearningRate = 0.05, Beta1 = 0.8, Beta2 = 0.9, WeightDecay = 0.1 },
    new AdamOptions { LearningRate = 0.05, AmsGrad = true },
    new ArticleAdamOptions { LearningRate = 0.05 },
    new AdamWOptions { LearningRate = 0.05 },
    new AdamWOptions { LearningRate = 0.05, WeightDecay = 0.3, Epsilon = 1e-3, AmsGrad = true },
    new AdamWOptions { LearningRate = 0.001, Maximize = true },
    new AdadeltaOptions(),
    new AdadeltaOptions { LearningRate = 2, Rho = 0.95, Epsilon = 1e-3, WeightDecay = 0.1 },
    new AdamaxOptions { LearningRate = 0.05 },
    new AdamaxOptions { LearningRate = 0.05, Beta1 = 0.8, Beta2 = 0.9, WeightDecay = 0.1 },
    new NAdamOptions { LearningRate = 0.05 },
    new NAdamOptions { LearningRate = 0.05, Beta1 = 0.8, MomentumDecay = 0.1, WeightDecay = 0.1 },
    new NAdamOptions { LearningRate = 0.05, DecoupledDecay = true, WeightDecay = 0.3 },
    new RAdamOptions { LearningRate = 0.05 },
    new RAdamOptions { LearningRate = 0.05, Beta2 = 0.9, Epsilon = 1e-3, WeightDecay = 0.1 },
    new RAdamOptions { LearningRate = 0.05, DecoupledDecay = true, WeightDecay = 0.3 },
    new RpropOptions { LearningRate = 0.05 },
    new RpropOptions { LearningRate = 0.1, Shrink = 0.6, Grow = 1.3, MinimumStep = 1e-3, MaximumStep = 0.15, WeightDecay = 0.1 },
    new AsgdOptions { LearningRate = 0.1 },
    new AsgdOptions { LearningRate = 0.1, RateDecay = 0.5, Power = 0.6, AveragingStart = 10, WeightDecay = 0.1 },
    new LionOptions { LearningRate = 0.01 },
    new LionOptions { LearningRate = 0.01, Beta1 = 0.95, Beta2 = 0.98, WeightDecay = 0.3 },
    new AdEMAMixOptions { LearningRate = 0.02 },
    new AdEMAMixOptions { LearningRate = 0.02, Beta3 = 0.99, AlphaWarmupSteps = 60, Beta3WarmupSteps = 80, WeightDecay = 0.3 },
    new AdoptOptions { LearningRate = 0.05 },
    new AdoptOptions { LearningRate = 0.05, Beta2 = 0.9, Clip = false, WeightDecay = 0.1 },
    new AdoptOptions { LearningRate = 0.05, DecoupledDecay = true, WeightDecay = 0.3 },
    new AdanOptions { LearningRate = 0.05 },
    new AdanOptions { LearningRate = 0.05, Beta1 = 0.9, Beta2 = 0.8, Beta3 = 0.95, WeightDecay = 0.3 },
    new AdanOptions { LearningRate = 0.05, Proximal = false, WeightDecay = 0.3 },
];

var recorded = new
{
    source = "libtorch 2.10.0 in float64, by tools/RecordGolden",
    cases = cases.Select(options =>
    {
        Dictionary<string, object> settings = Settings(options);
        string name = string.Join(", ", settings.Select(setting => $"{setting.Key} {setting.Value}").Prepend(options.Kind));
        return new { name, kind = options.Kind, options = settings, parameters = Trajectory(options) };
    }),
};
string file = args is [var given] ? given : "tests/Golden/optimizers.json";
File.WriteAllText(file, JsonSerializer.Serialize(recorded, Json.Options) + "\n");
Console.WriteLine($"{cases.Length} trajectories written to {Path.GetFullPath(file)}");

static Dictionary<string, double[]> Trajectory(OptimizerOptions options)
{
    const int elements = 8;
    using var reference = new Reference(options, [.. Enumerable.Range(0, elements).Select(i => ((2 * i) - 7) / 8.0)]);
    var values = new Dictionary<string, double[]>();
    for (int t = 1; t <= 100; t++)
    {
        double[] p = reference.Values;
        reference.Step([.. p.Select((x, i) => (x * (1 + (i / 8.0))) + (((((7 * i) + (3 * t)) % 5) - 2) / 4.0))]);
        if (t is 1 or 2 or 10 or 100)
        {
            values[$"{t}"] = reference.Values;
        }
    }

    return values;
}

// What differs from the catalog's defaults of that kind.
static Dictionary<string, object> Settings(OptimizerOptions options)
{
    OptimizerOptions defaults = OptimizerCatalog.Create(options.Kind);
    return options.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance)
        .Where(property => property.SetMethod is not null && !Equals(property.GetValue(options), property.GetValue(defaults)))
        .ToDictionary(property => JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name), property => property.GetValue(options)!);
}

internal static class Json
{
    public static readonly JsonSerializerOptions Options = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}
