using System.Globalization;

namespace Descent.Tuning;

/// <summary>
/// Parameters as text, for command lines and run files: <c>uniform(0,1)</c>, <c>uniform(0,1,step=0.1)</c>, <c>log(1e-5,1e-1)</c>, <c>int(1,8)</c>,
/// <c>int(8,64,step=8)</c>, <c>int_log(1,1024)</c>, <c>choice(adamw,lion)</c>, <c>ordinal(8,16,64)</c>, each with a condition where wanted:
/// <c>uniform(0,1) if kind == adamw</c>.
/// </summary>
public static class ParameterText
{
    /// <summary>The names of the forms.</summary>
    public static IReadOnlyList<string> Forms { get; } = ["uniform", "log", "int", "int_log", "choice", "ordinal"];

    /// <summary>Whether a text means a parameter rather than a plain value: it begins with the name of a form and a parenthesis.</summary>
    /// <param name="text">The text.</param>
    public static bool IsParameter(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        TextScanner scanner = new(text);
        return scanner.TakeName() is { } form && Forms.Contains(form) && scanner.Take("(");
    }

    /// <summary>Reads a parameter.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="text">Its text form.</param>
    /// <exception cref="SearchSpaceException">The text is no parameter; the message names it, and says where and what is allowed.</exception>
    public static Parameter Parse(string name, string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        ParameterName.Checked(name);
        try
        {
            return Read(name, text);
        }
        catch (SearchSpaceException fault) when (!fault.Message.StartsWith(name + " ", StringComparison.Ordinal))
        {
            throw new SearchSpaceException($"{name}: {fault.Message}");
        }
    }

    /// <summary>A value as it stands in a text form: texts in quotes where they could be taken for something else.</summary>
    /// <param name="value">The value.</param>
    public static string Write(ParameterValue value) => value.Kind switch
    {
        // The point keeps a real number from reading back as a whole one.
        ParameterValueKind.Number when long.TryParse(value.ToString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _) => $"{value}.0",
        ParameterValueKind.Text when NeedsQuotes(value.AsText()) => Quote(value.AsText()),
        _ => value.ToString(),
    };

    internal static string Quote(string text) =>
        $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";

    private static Parameter Read(string name, string text)
    {
        TextScanner scanner = new(text);
        string form = scanner.TakeName() ?? "";
        if (!Forms.Contains(form) || !scanner.Take("("))
        {
            throw new SearchSpaceException(
                $"'{text}' is no search range; allowed: uniform(0,1), uniform(0,1,step=0.1), log(1e-5,1e-1), int(1,8), int(8,64,step=8), int_log(1,1024), choice(a,b), ordinal(8,16,64).");
        }

        List<ParameterValue> values = [];
        ParameterValue? step = null;
        do
        {
            if (form is "uniform" or "int" && values.Count == 2 && step is null && scanner.TakeWord("step"))
            {
                scanner.Expect("=");
                step = Value(scanner);
            }
            else
            {
                values.Add(Value(scanner));
            }
        }
        while (scanner.Take(","));
        scanner.Expect(")");
        Parameter parameter = form switch
        {
            "choice" => Parameter.Choice(name, [.. values]),
            "ordinal" => Parameter.Ordinal(name, [.. values]),
            _ when values.Count != 2 || step is not null && form is not ("uniform" or "int") =>
                throw new SearchSpaceException($"'{text}' has {values.Count} values; allowed: {form}(low,high){(form is "uniform" or "int" ? $" or {form}(low,high,step=s)" : "")}."),
            "uniform" => new FloatParameter(name, Number(values[0], text), Number(values[1], text), step: step is { } spacing ? Number(spacing, text) : null),
            "log" => Parameter.Log(name, Number(values[0], text), Number(values[1], text)),
            "int" => Parameter.Integer(name, Whole(values[0], text), Whole(values[1], text), step is { } spacing ? Whole(spacing, text) : 1),
            _ => Parameter.IntegerLog(name, Whole(values[0], text), Whole(values[1], text)),
        };
        return scanner.TakeWord("if") ? parameter.When(scanner.AtEnd ? throw scanner.Unexpected("a condition") : scanner.Rest())
            : scanner.AtEnd ? parameter
            : throw scanner.Unexpected("'if' and a condition, or the end");
    }

    private static ParameterValue Value(TextScanner scanner)
    {
        if (scanner.TakeQuoted() is { } quoted)
        {
            return quoted;
        }

        string bare = scanner.TakeBare();
        return bare.Length == 0 ? throw scanner.Unexpected("a value") : Meaning(bare);
    }

    /// <summary>The value that a text without quotes stands for.</summary>
    internal static ParameterValue Meaning(string bare) =>
        bare is "true" or "false" ? bare == "true"
        : long.TryParse(bare, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long whole) ? whole
        : double.TryParse(bare, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number) ? number
        : bare;

    private static bool NeedsQuotes(string text) =>
        text.Length == 0 || text != text.Trim() || text.AsSpan().ContainsAny(",()\"'\\") || Meaning(text).Kind != ParameterValueKind.Text || text.StartsWith("step", StringComparison.Ordinal);

    private static double Number(ParameterValue value, string text) => value.IsNumeric
        ? value.AsNumber()
        : throw new SearchSpaceException($"'{text}' has '{value}' where a number is needed.");

    private static long Whole(ParameterValue value, string text) =>
        value.Kind == ParameterValueKind.Integer ? value.AsInteger()
        // 1e3 is a whole number to a person.
        : value.Kind == ParameterValueKind.Number && value.AsNumber() is double number && number == Math.Floor(number) && Math.Abs(number) < 1L << 53 ? (long)number
        : throw new SearchSpaceException($"'{text}' has '{value}' where a whole number is needed.");
}
