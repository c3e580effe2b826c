using Descent.Training;
using Spectre.Console;

namespace Descent.Cli.Progress;

/// <summary>Chooses how progress is shown.</summary>
internal static class ProgressDisplay
{
    /// <summary>
    /// A live panel where there is a terminal that can redraw, plain lines everywhere else. Dispose it, if it can be, before the program ends.
    /// </summary>
    /// <param name="console">The terminal, or what stands for one.</param>
    /// <param name="isRedirected">Whether the output goes to a file or a pipe.</param>
    /// <param name="environment">Reads an environment variable.</param>
    /// <param name="time">The clock.</param>
    public static ITrainingObserver Create(IAnsiConsole console, bool isRedirected, Func<string, string?> environment, TimeProvider time) =>
        IsLive(console, isRedirected, environment) ? new LiveProgress(console, time) : new PlainProgress(console.Profile.Out.Writer, time);

    /// <summary>Whether there is a terminal that can redraw, and that may.</summary>
    public static bool IsLive(IAnsiConsole console, bool isRedirected, Func<string, string?> environment) =>
        !isRedirected
        && console.Profile.Capabilities is { Ansi: true, Interactive: true }
        && environment("TERM") is not "dumb"
        && string.IsNullOrEmpty(environment("NO_COLOR"))
        && (string.IsNullOrEmpty(environment("CI")) || string.Equals(environment("CI"), "false", StringComparison.OrdinalIgnoreCase));
}
