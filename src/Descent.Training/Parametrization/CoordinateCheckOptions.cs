using Descent.Optimizers;

namespace Descent.Training.Parametrization;

/// <summary>How large a <see cref="CoordinateCheck"/> is.</summary>
public sealed record CoordinateCheckOptions
{
    /// <summary>The widths to compare, at least two different ones. Default 64, 128, 256, 512.</summary>
    /// <exception cref="ArgumentException">Fewer than two, or one below 1.</exception>
    public IReadOnlyList<int> Widths
    {
        get;
        init => field = value.Distinct().Count() < 2 || value.Any(static width => width < 1)
            ? throw Require.Refused(nameof(Widths), $"is {string.Join(",", value)}; allowed: at least two different widths of 1 or more, such as 64,128,256,512")
            : [.. value.Distinct().Order()];
    } = [64, 128, 256, 512];

    /// <summary>Steps of training, at least 1. Default 5: one more than the four that the paper's figures go to.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Below 1.</exception>
    public int Steps { get; init => field = Require.AtLeast(1, value); } = 5;

    /// <summary>Seeds whose logarithms are averaged, at least 1. Default 2.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Below 1.</exception>
    public int Seeds { get; init => field = Require.AtLeast(1, value); } = 2;
}
