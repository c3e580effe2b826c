using Descent.Tuning;

namespace Descent.Cli.Tuning;

/// <summary>What a study says in words, the same in every display.</summary>
internal static class TuneText
{
    /// <summary>A point as a person reads it: <c>optimizer.learning_rate=2.13e-3, model.width=64</c>.</summary>
    public static string Point(Configuration point) => string.Join(", ", point.Select(static pair => $"{pair.Key}={Value(pair.Value)}"));

    /// <summary>A value as a person reads it.</summary>
    public static string Value(ParameterValue value) => value.Kind == ParameterValueKind.Number ? Figures.Number(value.AsNumber()) : value.ToString();

    /// <summary>The last parts of the parameters' names, and whole names where two share that, in the space's order.</summary>
    public static IReadOnlyList<string> ShortNames(SearchSpace space)
    {
        static string Last(Parameter parameter) => parameter.Name.Split('.')[^1];
        ILookup<string, Parameter> byLast = space.Parameters.ToLookup(Last);
        return [.. space.Parameters.Select(parameter => byLast[Last(parameter)].Skip(1).Any() ? parameter.Name : Last(parameter))];
    }

    /// <summary>How many trials ended how: <c>12 complete, 6 pruned, 2 failed</c>.</summary>
    public static string Counts(IReadOnlyList<TrialRecord> trials) => string.Join(", ", trials
        .GroupBy(static trial => trial.State)
        .OrderBy(static group => group.Key)
        .Select(static group => $"{group.Count()} {StateOf(group.Key)}"));

    /// <summary>A state in one word.</summary>
    public static string StateOf(TrialState state) => state switch
    {
        TrialState.Waiting => "waiting",
        TrialState.Running => "running",
        TrialState.Complete => "complete",
        TrialState.Pruned => "pruned",
        _ => "failed",
    };

    /// <summary>The best value that a trial reached: its result, or of the first objective what it reported so far; null: nothing yet.</summary>
    public static double? ValueOf(TrialRecord trial, TrialHistory history, int objective = 0) =>
        trial.Objectives.Count > 0 ? trial.Objectives[objective]
        : trial.Reported.Count > 0 && objective == 0 ? trial.Reported.MinBy(reported => history.Loss(reported.Value)).Value
        : null;
}
