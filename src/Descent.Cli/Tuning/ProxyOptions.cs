using System.Globalization;
using Descent.Training;
using Descent.Training.Configuration;
using Descent.Training.Models;
using Descent.Training.Parametrization;

namespace Descent.Cli.Tuning;

/// <summary>The small model of <c>tune --proxy</c>: what of the run file is set otherwise for it.</summary>
/// <param name="Assignments">Keys and values.</param>
internal sealed record ProxyOptions(IReadOnlyList<string> Assignments)
{
    private static readonly Dictionary<string, string> Short = new(StringComparer.Ordinal) { ["layers"] = "model.layers", ["heads"] = "model.heads", ["steps"] = "stop.steps" };

    /// <summary>Reads <c>width=64,layers=2,steps=200</c>; other keys by their full names.</summary>
    /// <param name="text">What <c>--proxy</c> says.</param>
    /// <param name="run">The large run.</param>
    /// <param name="searched">The keys that the study searches.</param>
    /// <exception cref="BadInputException">The large run isn't in muP, or the small one can't be made of it.</exception>
    public static ProxyOptions Parse(string text, RunConfiguration run, IEnumerable<string> searched)
    {
        if (run.Model is not IScalableModel { Parametrization: ParametrizationKind.Mup } scalable)
        {
            throw new BadInputException(run.Model is IScalableModel
                ? "--proxy tunes a narrow model for a wide one, which needs model.parametrization mup: in standard parametrization the best rate moves with the width. Give model.parametrization: mup and model.base_width"
                : $"--proxy tunes a narrow model for a wide one, and model.kind is {run.Model.Kind}, which has no parametrization mup; take gpt or mlp");
        }

        (string Key, string Value)[] given = [.. text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(part => Split(text, part))];
        int width = given.Where(static entry => entry.Key == "width").Select(entry => int.TryParse(entry.Value, NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value > 0
            ? value
            : throw new BadInputException($"--proxy {text}: width is '{entry.Value}'; allowed: a whole number of 1 or more")).LastOrDefault();
        if (width == 0)
        {
            throw new BadInputException($"--proxy {text}: the width is missing; give width=64, for example");
        }

        List<string> assignments = [.. OfWidth(scalable, width), .. given.Where(static entry => entry.Key != "width").Select(static entry => $"{Short.GetValueOrDefault(entry.Key, entry.Key)}={entry.Value}")];
        if (run.Model is GptOptions { BaseHeads: null } && given.Any(static entry => entry.Key is "heads" or "model.heads"))
        {
            throw new BadInputException($"--proxy {text}: with another number of heads in the small model, the base model's must be said; give model.base_heads in the run file");
        }

        string[] keys = [.. assignments.Select(static assignment => assignment[..assignment.IndexOf('=', StringComparison.Ordinal)])];
        return searched.FirstOrDefault(key => keys.Any(own => key == own || key.StartsWith($"{own}[", StringComparison.Ordinal))) is { } twice
            ? throw new BadInputException($"{twice} is searched, and --proxy sets it for the small model: what were found couldn't be transferred; leave it out of one of them")
            : new ProxyOptions(assignments);
    }

    private static (string Key, string Value) Split(string text, string part)
    {
        int equals = part.IndexOf('=', StringComparison.Ordinal);
        string key = equals > 0 ? part[..equals].Trim() : part;
        return equals > 0 && (key == "width" || Short.ContainsKey(key) || key.Contains('.', StringComparison.Ordinal))
            ? (key, part[(equals + 1)..].Trim())
            : throw new BadInputException($"--proxy {text}: '{part}' is none of width=, {string.Join("=, ", Short.Keys)}=, or a key of the run file with its value, such as data.batch_size=8");
    }

    private static IEnumerable<string> OfWidth(IScalableModel scalable, int width)
    {
        if (scalable.AtWidth(width) is MlpOptions mlp)
        {
            return [$"model.widths=[{string.Join(", ", mlp.Widths)}]"];
        }

        (var large, var small) = ((GptOptions)scalable, (GptOptions)scalable.AtWidth(width));
        return
        [
            $"model.width={small.Width}",
            .. small.Heads == large.Heads ? [] : (string[])[$"model.heads={small.Heads}"],
            .. small.KeyValueHeads == large.KeyValueHeads ? [] : (string[])[$"model.key_value_heads={small.KeyValueHeads}"],
            .. small.Hidden is { } hidden ? (string[])[$"model.hidden={hidden}"] : [],
        ];
    }
}
