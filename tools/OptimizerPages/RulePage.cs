using System.Globalization;
using System.Reflection;
using System.Text;
using Descent.Optimizers;
using Descent.Race;

namespace OptimizerPages;

/// <summary>A page about one rule: equation, settings with their defaults, deviations, figures and its picture.</summary>
internal static class RulePage
{
    public static string Write(string kind, OptimizerOptions options, XmlDocumentation documentation, Evidence evidence, RosenbrockPath? rosenbrock)
    {
        Type type = options.GetType();
        var page = new StringBuilder();
        page.Append(CultureInfo.InvariantCulture, $"# `{kind}`\n\n{documentation.Summary(type)}\n\n");
        if (documentation.Remarks(type) is { Length: > 0 } remarks)
        {
            page.Append(remarks).Append("\n\n");
        }

        if (Advice.Of.TryGetValue(kind, out Advice? advice))
        {
            page.Append(CultureInfo.InvariantCulture, $"**When to take it.** {advice.When}\n\n**Paper.** [{advice.Paper}]({advice.Url})\n\n");
        }

        page.Append(CultureInfo.InvariantCulture, $"![Path on Rosenbrock's function, and loss on a small GPT]({kind}.png)\n\n## Settings\n\n");
        if (documentation.Constructor(type) is { Length: > 0 } defaults)
        {
            page.Append(defaults).Append("\n\n");
        }

        page.Append("| key | meaning | default |\n|---|---|---|\n");
        foreach (PropertyInfo property in Settings(type))
        {
            string meaning = documentation.Summary(property).Replace("|", "\\|", StringComparison.Ordinal).Replace("\n\n", " ", StringComparison.Ordinal);
            page.Append(CultureInfo.InvariantCulture, $"| `{Snake(property.Name)}` | {meaning} | `{Value(property.GetValue(options))}` |\n");
        }

        page.Append("\n## Figures\n\n");
        page.Append(Figures(kind, evidence, rosenbrock));
        return page.ToString();
    }

    /// <summary>Properties that a run file can set.</summary>
    private static IEnumerable<PropertyInfo> Settings(Type type) =>
        type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(static property => property.SetMethod is not null && property.Name != "EqualityContract")
            .OrderBy(static property => property.DeclaringType == typeof(OptimizerOptions) ? 0 : 1);

    private static string Figures(string kind, Evidence evidence, RosenbrockPath? rosenbrock)
    {
        var lines = new StringBuilder();
        if (evidence.OfBound(kind) is { } ofBound)
        {
            lines.Append(CultureInfo.InvariantCulture, $"- A step over GPT-2 small's 124.4 M parameters takes {ofBound:F2} × the time that memory alone needs for the same bytes (`descent bench step`).\n");
        }

        IReadOnlyList<JobResult> finals = evidence.Finals(kind);
        if (finals.Count > 0)
        {
            lines.Append(CultureInfo.InvariantCulture, $"- Held-out loss of a 0.4 M-parameter GPT after {finals[0].Job.Steps} steps: {Evidence.MeanAndSpread([.. finals.Select(static run => run.Score())], "F3")} (three seeds, learning rate {finals[0].Job.LearningRate:G3}, tuned with five runs).\n");
        }

        if (rosenbrock is not null && double.IsFinite(rosenbrock.Value))
        {
            lines.Append(CultureInfo.InvariantCulture, $"- Rosenbrock's function after {rosenbrock.Points.Length - 1} steps at the best rate, {rosenbrock.Rate:G2}: {rosenbrock.Value:G2}.\n");
        }

        return lines.ToString();
    }

    private static string Value(object? value) => value switch
    {
        null => "none",
        bool flag => flag ? "true" : "false",
        double number => number.ToString("R", CultureInfo.InvariantCulture),
        Enum name => Snake(name.ToString()),
        OptimizerOptions inner => inner.Kind,
        IFormattable other => other.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };

    private static string Snake(string name) =>
        string.Concat(name.Select(static (letter, index) => char.IsUpper(letter) ? $"{(index > 0 ? "_" : "")}{char.ToLowerInvariant(letter)}" : $"{letter}"));
}
