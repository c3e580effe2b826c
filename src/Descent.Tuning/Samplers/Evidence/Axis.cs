using System.Runtime.InteropServices;

namespace Descent.Tuning.Samplers;

/// <summary>How a model sees one parameter: a line, a few ordered cells of it, or choices without order.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Axis
{
    /// <summary>Ordered parameters with more values than this are modelled as lines: their cells are smaller than what a hundred trials can tell apart.</summary>
    public const int MostCells = 64;

    /// <summary>Whether distances mean nothing but same and different.</summary>
    public bool IsCategorical { get; private init; }

    /// <summary>The number of cells; 0: a line.</summary>
    public int Cells { get; private init; }

    /// <summary>Whether it is a line.</summary>
    public bool IsLine => Cells == 0;

    /// <summary>The parameter.</summary>
    public Parameter Parameter { get; private init; }

    public static Axis Of(Parameter parameter) => new()
    {
        Parameter = parameter,
        IsCategorical = !parameter.IsOrdered,
        Cells = parameter.Count is { } count && (count <= MostCells || !parameter.IsOrdered) ? (int)count : 0,
    };

    public static Axis[] Of(SearchSpace space) => [.. space.Parameters.Select(Of)];

    /// <summary>The representative of the value at a place: what <see cref="Parameter.ToUnit"/> gives for it.</summary>
    public double Snap(double unit) => Parameter.Count is null ? Math.Clamp(unit, 0, 1) : Parameter.ToUnit(Parameter.FromUnit(unit));
}
