using System.Runtime.Versioning;
using System.Text.RegularExpressions;

namespace Descent.Tuning;

/// <summary>Puts a trial's values into the arguments of its command.</summary>
internal static partial class TrialCommand
{
    /// <summary>The program's path. Looked for here, because a shell would only fail trial after trial.</summary>
    /// <exception cref="StudyException">There is no such program.</exception>
    public static string Find(string program)
    {
        if (OperatingSystem.IsWindows())
        {
            return program;
        }

        IEnumerable<string> places = program.Contains('/')
            ? [Path.GetFullPath(program)]
            : (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Select(folder => Path.Combine(folder, program));
        return places.FirstOrDefault(MayRun)
            ?? throw new StudyException($"There is no program {program}{(program.Contains('/') ? "" : " in PATH")}, or it may not be run.");
    }

    [UnsupportedOSPlatform("windows")]
    private static bool MayRun(string path) =>
        File.Exists(path) && (File.GetUnixFileMode(path) & (UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)) != 0;

    /// <summary>The arguments; one that names a parameter that isn't there is left out.</summary>
    /// <exception cref="StudyException">An argument names what the space doesn't have.</exception>
    public static IReadOnlyList<string> Fill(IReadOnlyList<string> arguments, Trial trial, SearchSpace space)
    {
        List<string> filled = [];
        foreach (string argument in arguments)
        {
            bool whole = true;
            string text = Place().Replace(argument, place =>
            {
                string name = place.Groups[1].Value;
                string? value = name switch
                {
                    "trial.number" => $"{trial.Number}",
                    "trial.folder" => trial.Folder ?? throw new StudyException($"The argument '{argument}' names the trial's folder, and the study has none. Set StudyOptions.Folder."),
                    _ when trial.Configuration.TryGetValue(name, out ParameterValue found) => found.ToString(),
                    _ when space.IndexOf(name) >= 0 => null,
                    _ => throw new StudyException($"The argument '{argument}' names '{name}'; there are: {string.Join(", ", space.Parameters.Select(static one => one.Name))}, trial.number, trial.folder."),
                };
                whole &= value is not null;
                return value ?? "";
            });
            if (whole)
            {
                filled.Add(text);
            }
        }

        return filled;
    }

    [GeneratedRegex(@"\{([A-Za-z_][A-Za-z0-9_.\[\]]*)\}")]
    private static partial Regex Place();
}
