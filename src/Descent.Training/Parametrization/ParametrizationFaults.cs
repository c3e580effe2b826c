namespace Descent.Training.Parametrization;

/// <summary>Contradictions among the settings of a parametrization.</summary>
internal static class ParametrizationFaults
{
    /// <summary>One phrase each.</summary>
    public static IEnumerable<string> Of(ParametrizationKind kind, int? baseWidth, int? baseHeads = null)
    {
        if (kind == ParametrizationKind.Mup && baseWidth is null)
        {
            yield return "parametrization mup needs base_width, the width of the model that the settings are tuned on";
        }

        if (kind == ParametrizationKind.Standard && (baseWidth ?? baseHeads) is not null)
        {
            yield return $"{(baseWidth is not null ? $"base_width is {baseWidth}" : $"base_heads is {baseHeads}")}, and parametrization standard has no base model; set parametrization to mup, or leave it out";
        }
    }
}
