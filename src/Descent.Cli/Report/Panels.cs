namespace Descent.Cli.Report;

/// <summary>One chart: its curves and how its axis reads.</summary>
/// <param name="Id">The name of its element on the page.</param>
/// <param name="Title">Its heading.</param>
/// <param name="Unit">What the axis counts, or empty.</param>
/// <param name="IsLog">Whether the axis starts out logarithmic.</param>
/// <param name="Traces">Its curves.</param>
internal sealed record Panel(string Id, string Title, string Unit, bool IsLog, IReadOnlyList<Trace> Traces);

/// <summary>One curve of a chart.</summary>
/// <param name="Run">Position of the run it belongs to.</param>
/// <param name="Name">What the read-out calls it.</param>
/// <param name="Style">How it is drawn.</param>
/// <param name="Steps">Where its points are, in steps.</param>
/// <param name="Seconds">Where its points are, in seconds of training.</param>
/// <param name="Values">The points; what isn't finite is a gap.</param>
internal sealed record Trace(int Run, string Name, TraceStyle Style, IReadOnlyList<long> Steps, IReadOnlyList<double> Seconds, IReadOnlyList<double> Values)
{
    /// <summary>Position of the point to mark as the best, or null.</summary>
    public int? Best { get; init; }
}

/// <summary>How a curve is drawn.</summary>
internal enum TraceStyle
{
    /// <summary>A line as it is.</summary>
    Line,

    /// <summary>A faint line behind others: single steps.</summary>
    Raw,

    /// <summary>A line that the page smooths.</summary>
    Smooth,

    /// <summary>Few points, marked, with a line between them.</summary>
    Points,

    /// <summary>A dashed line.</summary>
    Dashed,
}
