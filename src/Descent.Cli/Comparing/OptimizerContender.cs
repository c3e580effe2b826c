using System.Globalization;
using Descent.Optimizers;
using Descent.Training;
using Descent.Training.Configuration;
using Descent.Tuning;
using Descent.Tuning.Races;

namespace Descent.Cli.Comparing;

/// <summary>An optimizer as a contender: what of it is searched, and the run file's assignments that a point of it means.</summary>
internal sealed class OptimizerContender
{
    private const string Section = "optimizer.";
    private const string Rate = Section + "learning_rate";
    private const string CompanionRate = Section + "fallback.learning_rate";

    private readonly string _kind;
    private readonly double? _companionFactor;

    /// <summary>Makes a contender of a rule's advice.</summary>
    /// <param name="kind">The optimizer.</param>
    /// <param name="own">The run file's own options, where they are of this kind: its values are tried first.</param>
    /// <param name="options">The rule's options before anything is searched.</param>
    /// <param name="pinned">Keys that are set for all contenders.</param>
    /// <param name="shared">Ranges that are searched for all contenders, in place of the advice's.</param>
    public OptimizerContender(string kind, TrainingOptions? own, OptimizerOptions options, IReadOnlySet<string> pinned, IReadOnlyList<Parameter> shared)
    {
        _kind = kind;
        TuningAdvice advice = TuningAdviceCatalog.Of(kind);
        List<Parameter> parameters = [];
        Dictionary<string, ParameterValue> start = [];
        if (Free(Rate))
        {
            double rate = own?.Optimizer.LearningRate is > 0 and { } given ? given : advice.Start;
            parameters.Add(Parameter.Log(Rate, Math.Min(advice.Lowest, rate), Math.Max(advice.Highest, rate)));
            start[Rate] = rate;
        }

        foreach (AdvisedSetting setting in advice.Settings.Where(setting => Free(Section + setting.Key)))
        {
            double first = own is not null && new SettingPath(own, Section + setting.Key).Own is { } value ? value : setting.Start;
            parameters.Add(Parameter.Ordinal(Section + setting.Key, [.. setting.Values.Append(first).Distinct().Order().Select(Value)]));
            start[Section + setting.Key] = Value(first);
        }

        // A range of the user's begins where the sampler likes; then so does all of the point.
        parameters.AddRange(shared);
        Contender = new Contender
        {
            Name = kind,
            Space = new SearchSpace(parameters),
            Start = shared.Count == 0 && start.Count > 0 ? start : null,
            Widened = [Rate],
        };
        _companionFactor = options.Companion is { } companion && !pinned.Contains(CompanionRate)
            ? own is { Optimizer: { LearningRate: > 0 } } ? companion.LearningRate / own.Optimizer.LearningRate : advice.CompanionFactor
            : null;

        bool Free(string key) => !pinned.Contains(key) && shared.All(parameter => parameter.Name != key);
    }

    /// <summary>The contender.</summary>
    public Contender Contender { get; }

    /// <summary>What a point means in the run file.</summary>
    public IEnumerable<string> Assignments(Configuration point)
    {
        yield return $"optimizer.kind={_kind}";
        foreach ((string key, ParameterValue value) in point)
        {
            yield return $"{key}={value}";
        }

        if (_companionFactor is { } factor && point.TryGetValue(Rate, out ParameterValue rate))
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"{CompanionRate}={factor * rate.AsNumber():R}");
        }
    }

    private static ParameterValue Value(double value) => value == Math.Floor(value) && Math.Abs(value) < 1e9 ? (long)value : value;
}
