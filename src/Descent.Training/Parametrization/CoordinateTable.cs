namespace Descent.Training.Parametrization;

/// <summary>What a <see cref="CoordinateCheck"/> measured.</summary>
public sealed record CoordinateTable
{
    /// <summary>How steeply a change may depend on the width and still count as independent of it. Without muP the slopes of Adam are between ½ and 1.</summary>
    public const double Tolerance = 0.25;

    /// <summary>How it was measured.</summary>
    public required CoordinateCheckOptions Options { get; init; }

    /// <summary>The curves, by parametrization, then by segment.</summary>
    public required IReadOnlyList<CoordinateCurve> Curves { get; init; }

    /// <summary>Those of one parametrization.</summary>
    /// <param name="kind">The parametrization.</param>
    public IEnumerable<CoordinateCurve> Of(ParametrizationKind kind) => Curves.Where(curve => curve.Parametrization == kind);

    /// <summary>The slope of the change after the last step that is furthest from 0.</summary>
    /// <param name="kind">The parametrization.</param>
    public CoordinateCurve Steepest(ParametrizationKind kind) => Of(kind).MaxBy(curve => Math.Abs(curve.ChangeSlope(Options.Steps)))!;

    /// <summary>Whether every segment's output changes by the same amount at every width.</summary>
    /// <param name="kind">The parametrization.</param>
    public bool IsWidthIndependent(ParametrizationKind kind) => Math.Abs(Steepest(kind).ChangeSlope(Options.Steps)) <= Tolerance;
}
