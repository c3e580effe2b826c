using Descent.Optimizers;

namespace Descent.Training.Configuration;

/// <summary>A setting that changes with the step: a pure function of the step and the number of steps, so that a resumed run goes on exactly.</summary>
/// <remarks>
/// value = to + (from − to)·s, where s is what <see cref="Shape"/> says: 1 at its full height, 0 where it has come down. With <c>cosine</c> the value goes from one to the
/// other along half a cosine; with <c>multi_step</c>, γ = 2 and to = 0 it doubles at each milestone; with <c>one_cycle</c> it turns against the rate, as momentum does in
/// Smith's policy, when <c>from</c> is the lower value. Whole numbers are rounded.
/// </remarks>
public sealed record ScheduledValue : IValidatable
{
    /// <summary>The kind of schedule where none is named: a straight line.</summary>
    internal const string DefaultKind = "polynomial";

    /// <summary>The course of the value, a schedule as the learning rate has it.</summary>
    [InlineSection]
    public Schedule Shape { get; init; } = new PolynomialSchedule();

    /// <summary>The value at the shape's full height, its beginning where it falls. Default: null, the setting's own value.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not finite.</exception>
    public double? From { get; init => field = value is { } given ? Require.Finite(given) : null; }

    /// <summary>The value where the shape has come down to 0. Default 0.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not finite.</exception>
    public double To { get; init => field = Require.Finite(value); }

    /// <summary>The step at which the course begins, at least 0; before it the value is what it begins with. Default 0.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative.</exception>
    public long Start { get; init => field = Require.AtLeast(0, value); }

    /// <summary>The steps that the course takes, at least 1; after them the value is what it ends with. Default: null, the rest of the run.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Below 1.</exception>
    public long? Steps { get; init => field = value is { } given ? Require.AtLeast(1, given) : null; }

    /// <summary>The value at a step.</summary>
    /// <param name="step">Updates already done, from 0.</param>
    /// <param name="totalSteps">Updates in all.</param>
    /// <param name="own">The setting's own value, for where <see cref="From"/> is not given.</param>
    public double At(long step, long totalSteps, double own)
    {
        double from = From ?? own;
        double s = Shape.At(Math.Max(0, step - Start), Steps ?? Math.Max(1, totalSteps - Start));

        // Both ends to the last bit.
        return s == 1 ? from : s == 0 ? To : To + ((from - To) * s);
    }

    /// <inheritdoc/>
    public IEnumerable<string> Validate()
    {
        if (Shape is ReduceOnPlateauSchedule)
        {
            yield return "reduce_on_plateau follows a metric; a setting follows a function of the step, such as cosine or multi_step";
        }
    }
}
