namespace Descent.Training.Parametrization;

/// <summary>What a <see cref="CoordinateCheck"/> measured.</summary>
public sealed record CoordinateTable
{
    /// <summary>How steeply a change may depend on the width and still count as independent of it. Without muP those of Adam's logits are ½ to 1.</summary>
    public const double Tolerance = 0.3;

    /// <summary>How it was measured.</summary>
    public required CoordinateCheckOptions Options { get; init; }

    /// <summary>The curves, by parametrization, then by segment.</summary>
    public required IReadOnlyList<CoordinateCurve> Curves { get; init; }

    /// <summary>Those of one parametrization.</summary>
    /// <param name="kind">The parametrization.</param>
    public IEnumerable<CoordinateCurve> Of(ParametrizationKind kind) => Curves.Where(curve => curve.Parametrization == kind);

    /// <summary>The segment whose change after the last step depends most on the width; one without a slope comes first.</summary>
    /// <param name="kind">The parametrization.</param>
    public CoordinateCurve Steepest(ParametrizationKind kind) =>
        Of(kind).MaxBy(curve => curve.ChangeSlope(Options.Steps) is var slope && double.IsNaN(slope) ? double.PositiveInfinity : Math.Abs(slope))!;

    /// <summary>The widths at which the training diverged.</summary>
    /// <param name="kind">The parametrization.</param>
    public IReadOnlyList<int> Diverged(ParametrizationKind kind) => [.. Of(kind).First().Diverged];

    /// <summary>Whether every segment's output changes by the same amount at every width.</summary>
    /// <param name="kind">The parametrization.</param>
    public bool IsWidthIndependent(ParametrizationKind kind) => Diverged(kind).Count == 0 && Math.Abs(Steepest(kind).ChangeSlope(Options.Steps)) <= Tolerance;
}
