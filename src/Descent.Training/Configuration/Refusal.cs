namespace Descent.Training.Configuration;

/// <summary>Says why a setting was refused, under the name by which its author knows it: a run file's key or an option of the command line.</summary>
internal static class Refusal
{
    /// <summary>"BatchSize is 0; allowed: … (Parameter 'BatchSize')" becomes "'data.batch_size' is 0; allowed: …".</summary>
    /// <param name="exception">What the property threw; its parameter is the property's name.</param>
    /// <param name="name">The name to say instead.</param>
    public static string Of(ArgumentException exception, string name)
    {
        // ArgumentException appends the parameter's name, ArgumentOutOfRangeException the value in a line of its own.
        string message = exception.Message.ReplaceLineEndings(" ");
        int suffix = message.IndexOf(" (Parameter", StringComparison.Ordinal);
        message = suffix < 0 ? message : message[..suffix];
        return exception.ParamName is { Length: > 0 } property && message.StartsWith(property + " ", StringComparison.Ordinal)
            ? $"'{name}'{message[property.Length..]}"
            : $"'{name}': {message}";
    }
}
