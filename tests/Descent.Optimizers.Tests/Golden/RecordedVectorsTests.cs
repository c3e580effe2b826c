using System.Globalization;
using System.Reflection;
using System.Text.Json;

namespace Descent.Optimizers.Tests.Golden;

/// <summary>
/// Parity with the project's own vectors, which a script in <c>tools/</c> records from libtorch in float64 into
/// <c>tests/Golden/optimizers.json</c>. Eight parameters start at pᵢ = (2i − 7)/8, and at step t, from 1, their gradients are
/// gᵢ = pᵢ·(1 + i/8) + ((7i + 3t) mod 5 − 2)/4, all exact in binary.
/// </summary>
/// <remarks>
/// The file: <c>{"source": "…", "cases": [{"name": "…", "kind": "adamw", "options": {"learning_rate": 0.01}, "parameters": {"1": [8 numbers],
/// "2": […], "10": […], "100": […]}}]}</c>. Kinds are catalog names, options their settings in snake_case; settings that
/// aren't given have the catalog's defaults.
/// </remarks>
public sealed class RecordedVectorsTests
{
    private const int Elements = 8;
    private const double Tolerance = 1e-9;

    private static readonly string File = Path.Combine(Repository.Root, "tests", "Golden", "optimizers.json");

    [Fact]
    public void Trajectories_AgreeWithLibtorch()
    {
        Assert.SkipUnless(System.IO.File.Exists(File), $"No vectors have been recorded at {File}.");
        using JsonDocument recorded = JsonDocument.Parse(System.IO.File.ReadAllText(File));
        JsonElement cases = recorded.RootElement.GetProperty("cases");
        Assert.True(cases.GetArrayLength() > 0);
        foreach (JsonElement entry in cases.EnumerateArray())
        {
            Follow(entry);
        }
    }

    private static void Follow(JsonElement entry)
    {
        SpanOptimizer<double> optimizer = new(Options(entry), Elements, SingleThread.Instance);
        double[] parameters = [.. Enumerable.Range(0, Elements).Select(static i => ((2 * i) - 7) / 8.0)];
        double[] gradients = new double[Elements];
        JsonElement expected = entry.GetProperty("parameters");
        long last = expected.EnumerateObject().Max(static step => long.Parse(step.Name, CultureInfo.InvariantCulture));
        for (long step = 1; step <= last; step++)
        {
            for (int i = 0; i < Elements; i++)
            {
                gradients[i] = (parameters[i] * (1 + (i / 8.0))) + ((((7 * i) + (3 * step)) % 5) - 2) / 4.0;
            }

            optimizer.Step(parameters, gradients);
            if (expected.TryGetProperty(step.ToString(CultureInfo.InvariantCulture), out JsonElement values))
            {
                Require(entry.GetProperty("name").GetString()!, step, values, parameters);
            }
        }
    }

    private static void Require(string name, long step, JsonElement expected, double[] actual)
    {
        Assert.Equal(Elements, expected.GetArrayLength());
        for (int i = 0; i < Elements; i++)
        {
            double value = expected[i].GetDouble();
            Assert.True(
                Math.Abs(value - actual[i]) <= Tolerance * Math.Max(1, Math.Abs(value)),
                $"{name}, step {step}: parameter {i} is {actual[i]:R}, libtorch has {value:R}.");
        }
    }

    private static OptimizerOptions Options(JsonElement entry)
    {
        OptimizerOptions options = OptimizerCatalog.Create(entry.GetProperty("kind").GetString()!);
        foreach (JsonProperty setting in entry.GetProperty("options").EnumerateObject())
        {
            string name = string.Concat(setting.Name.Split('_').Select(static word => char.ToUpperInvariant(word[0]) + word[1..]));
            PropertyInfo property = options.GetType().GetProperty(name, BindingFlags.Public | BindingFlags.Instance | BindingFlags.IgnoreCase)
                ?? throw new JsonException($"{options.GetType().Name} has no setting '{setting.Name}'.");
            property.SetValue(options, setting.Value.Deserialize(property.PropertyType));
        }

        return options;
    }
}
