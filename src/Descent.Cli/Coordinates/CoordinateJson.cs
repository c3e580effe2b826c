using System.Text.Json.Serialization;
using Descent.Training.Parametrization;

namespace Descent.Cli.Coordinates;

/// <summary>A coordinate check as a machine reads it, and the page's script.</summary>
/// <param name="Widths">The widths.</param>
/// <param name="Steps">Steps of training.</param>
/// <param name="Seeds">Seeds that were averaged.</param>
/// <param name="WidthIndependent">The verdict, by parametrization.</param>
/// <param name="Curves">The measurements.</param>
internal sealed record CoordinateData(IReadOnlyList<int> Widths, int Steps, int Seeds, IReadOnlyDictionary<string, bool> WidthIndependent, IReadOnlyList<CoordinateCurveData> Curves)
{
    /// <summary>The data of a check.</summary>
    public static CoordinateData Of(CoordinateTable table) => new(
        table.Options.Widths,
        table.Options.Steps,
        table.Options.Seeds,
        Enum.GetValues<ParametrizationKind>().ToDictionary(NameOf, table.IsWidthIndependent),
        [.. table.Curves.Select(curve => new CoordinateCurveData(
            NameOf(curve.Parametrization), curve.Segment, curve.Sizes, curve.Changes, curve.SizeSlope(table.Options.Steps), curve.ChangeSlope(table.Options.Steps)))]);

    private static string NameOf(ParametrizationKind kind) => kind.ToString().ToLowerInvariant();
}

/// <summary>One segment in one parametrization.</summary>
/// <param name="Parametrization">Which.</param>
/// <param name="Segment">The segment.</param>
/// <param name="Sizes">Mean |x|: [step][width].</param>
/// <param name="Changes">Mean |x − x₀|: [step][width].</param>
/// <param name="SizeSlope">d log size ÷ d log width after the last step.</param>
/// <param name="ChangeSlope">d log change ÷ d log width after the last step.</param>
internal sealed record CoordinateCurveData(
    string Parametrization, string Segment, IReadOnlyList<IReadOnlyList<double>> Sizes, IReadOnlyList<IReadOnlyList<double>> Changes, double SizeSlope, double ChangeSlope);

/// <summary>The generated writer.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(CoordinateData))]
internal sealed partial class CoordinateJson : JsonSerializerContext;
