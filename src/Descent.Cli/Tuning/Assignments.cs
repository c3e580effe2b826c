using Descent.Optimizers;
using Descent.Training;
using Descent.Tuning;

namespace Descent.Cli.Tuning;

/// <summary>What <c>--set</c> gives: values, and ranges to search.</summary>
internal static class Assignments
{
    /// <summary>Tells values from ranges.</summary>
    public static (IReadOnlyList<string> Plain, Dictionary<string, string> Ranges) Split(IReadOnlyList<string> settings)
    {
        List<string> plain = [];
        Dictionary<string, string> ranges = [];
        foreach (string setting in settings)
        {
            if (ParameterText.IsParameter(ValueOf(setting)))
            {
                ranges[KeyOf(setting)] = ValueOf(setting);
            }
            else if (Misspelled(ValueOf(setting)) is { } name)
            {
                throw new BadInputException($"{setting}: there is no range '{name}' (allowed: {string.Join(", ", ParameterText.Forms)}); {NearestName.Hint(name, ParameterText.Forms)}");
            }
            else
            {
                plain.Add(setting);
            }
        }

        return (plain, ranges);
    }

    /// <summary>The key of an assignment.</summary>
    public static string KeyOf(string setting) => setting.IndexOf('=', StringComparison.Ordinal) is >= 0 and var equals ? setting[..equals].Trim() : setting;

    // A value with parentheses whose name is nearly a range's.
    private static string? Misspelled(string value) => value.IndexOf('(', StringComparison.Ordinal) is > 0 and var open && value.EndsWith(')') && value[..open] is var name && name.All(static letter => char.IsLetter(letter) || letter == '_')
        && ParameterText.Forms.Any(range => NearestName.IsNear(name, range)) ? name : null;

    private static string ValueOf(string setting) => setting.IndexOf('=', StringComparison.Ordinal) is >= 0 and var equals ? setting[(equals + 1)..].Trim() : "";
}
