using System.IO.Enumeration;
using Descent.Optimizers;
using TorchSharp.Modules;
using RuleOptions = Descent.Optimizers.OptimizerOptions;

namespace Descent.Torch;

/// <summary>
/// Parameters picked by name, role and shape, and how they are trained differently. Groups stand in a list: the first that fits a parameter takes it, and
/// what none takes is trained by the common options.
/// </summary>
/// <example><code>
/// Routing routing = Routing.Of(model, new AdamWOptions { LearningRate = 3e-4 },
///     new ParameterGroup { Parameters = ["embedding.*"], Freeze = true },
///     new ParameterGroup { Parameters = ["blocks.*.attention.*"], RateFactor = 0.5 });
/// using FusedOptimizer optimizer = FusedOptimizer.Create(routing.Groups);
/// </code></example>
public sealed record ParameterGroup
{
    /// <summary>The group's name in tables and saved states. Null: its first pattern of names, or its roles.</summary>
    public string? Name { get; init; }

    /// <summary>
    /// Patterns of names, of which one must fit: <c>*</c> stands for any letters, dots too, and <c>?</c> for one. Default: empty, any name.
    /// </summary>
    /// <exception cref="ArgumentException">One of them is empty.</exception>
    public IReadOnlyList<string> Parameters
    {
        get;
        init => field = value.Any(string.IsNullOrWhiteSpace)
            ? throw Require.Refused(nameof(Parameters), "has an empty name in it; allowed: names with * and ?, such as blocks.*.attention.*")
            : value;
    } = [];

    /// <summary>Roles, of which one must be the parameter's. Default: empty, any role.</summary>
    public IReadOnlyList<ParameterRole> Roles { get; init; } = [];

    /// <summary>The number of dimensions that a parameter must have, at least 0. Default: null, any.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative.</exception>
    public long? Dimensions { get; init => field = value is { } given ? Require.AtLeast(0, given) : null; }

    /// <summary>The shape that a parameter must have, a size or <c>*</c> a dimension. Default: empty, any.</summary>
    /// <exception cref="ArgumentException">An entry is neither a size nor <c>*</c>.</exception>
    public IReadOnlyList<string> Shape
    {
        get;
        init => field = value.FirstOrDefault(size => size != "*" && !(long.TryParse(size, out long extent) && extent >= 0)) is { } wrong
            ? throw Require.Refused(nameof(Shape), $"has '{wrong}' in it; allowed: whole numbers and *")
            : value;
    } = [];

    /// <summary>Leave the parameters as they are: their gradients are not computed. Default: false.</summary>
    public bool Freeze { get; init; }

    /// <summary>γ, at least 0, in place of the common one. Default: null, the common one.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative or not finite.</exception>
    public double? LearningRate { get; init => field = value is { } given ? Require.AtLeastZero(given) : null; }

    /// <summary>Multiplies the learning rate, at least 0. Default: 1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative or not finite.</exception>
    public double RateFactor { get; init => field = Require.AtLeastZero(value); } = 1;

    /// <summary>
    /// λ, at least 0, in place of the common one. Norms and biases stay without decay unless <see cref="Roles"/> names them. Default: null, the common one.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative or not finite.</exception>
    public double? WeightDecay { get; init => field = value is { } given ? Require.AtLeastZero(given) : null; }

    /// <summary>Another rule with settings of its own. Default: null, the common one.</summary>
    public RuleOptions? Optimizer { get; init; }

    /// <summary>The rate over time, in place of the common schedule; a training loop's matter. Default: null, the common one.</summary>
    public Schedule? Schedule { get; init; }

    /// <summary>Every contradiction among the settings, one sentence each.</summary>
    public IEnumerable<string> Validate()
    {
        if (Freeze && (LearningRate, WeightDecay, Optimizer, Schedule, RateFactor) != (null, null, null, null, 1))
        {
            yield return "freeze leaves the parameters as they are, so a rate, a decay, an optimizer or a schedule has no effect; give one or the other";
        }

        if (Schedule is ReduceOnPlateauSchedule)
        {
            yield return "reduce_on_plateau follows a metric and is the whole run's; a group takes a function of the step, such as cosine";
        }

        if (Optimizer is not null && (LearningRate is not null || WeightDecay is not null))
        {
            yield return "learning_rate and weight_decay belong into the group's own optimizer section where it has one; give them there";
        }
    }

    /// <summary>What the group is called when it has no name.</summary>
    internal string Title => Name ?? (Parameters.Count > 0 ? string.Join(", ", Parameters)
        : Roles.Count > 0 ? string.Join(", ", Roles.Select(static role => role.Words()))
        : "all");

    internal static bool Fits(string pattern, string name) => FileSystemName.MatchesSimpleExpression(pattern, name, ignoreCase: false);

    internal bool FitsShape(Parameter parameter, ParameterRole role)
    {
        long[] shape = parameter.shape;
        return (Roles.Count == 0 || Roles.Contains(role))
            && (Dimensions is not { } dimensions || shape.Length == dimensions)
            && (Shape.Count == 0 || (shape.Length == Shape.Count && shape.Zip(Shape).All(static pair => pair.Second == "*" || long.Parse(pair.Second, null) == pair.First)));
    }

    /// <summary>The options of a part of this group, from those that it starts from.</summary>
    internal RuleOptions Adapt(RuleOptions options) => options with
    {
        LearningRate = (LearningRate ?? options.LearningRate) * RateFactor,
        WeightDecay = WeightDecay ?? options.WeightDecay,
    };
}
