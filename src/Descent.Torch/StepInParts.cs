namespace Descent.Torch;

/// <summary>A step under way that is done part by part, see <see cref="FusedOptimizer.BeginStep"/>.</summary>
public sealed class StepInParts
{
    private readonly FusedOptimizer _optimizer;
    private readonly StepRequest _request;

    internal StepInParts(FusedOptimizer optimizer, StepRequest request) => (_optimizer, _request) = (optimizer, request);

    /// <summary>Updates those of some parameters that have a gradient.</summary>
    /// <param name="names">Their names; each belongs to one part of a step.</param>
    /// <param name="factors">What each gradient is multiplied by beside the request's scale. Default null: 1 for all.</param>
    public void Update(IReadOnlySet<string> names, GradientFactors? factors = null)
    {
        using (_optimizer.Only(names))
        {
            _optimizer.StepPart(_request with { Factors = factors });
        }
    }
}
