using Descent.Training;
using Descent.Training.Checkpoints;
using Descent.Training.Data;

namespace Descent.Cli;

/// <summary>The folder of a command that goes on where it stood: what it works at stands in it, and nothing else may go on there.</summary>
internal static class OutputFolder
{
    /// <summary>What folders hold, and the file that tells.</summary>
    public const string Run = "run", Study = "study", Comparison = "comparison", CrossValidation = "cross validation";

    // Of a run not its run.yaml: a person's own may be called so, and lie where a command writes.
    private static readonly (string Kind, string File)[] Kinds = [(Run, "metrics.jsonl"), (Study, "study.yaml"), (Comparison, "compare.yaml"), (CrossValidation, "cross_validation.yaml")];

    /// <summary>What a folder holds; none: nothing that a command goes on with.</summary>
    /// <param name="path">The folder.</param>
    public static string? KindOf(string path) => Array.Find(Kinds, entry => File.Exists(Path.Combine(path, entry.File))).Kind;

    /// <summary>The full path of a folder that was asked for.</summary>
    /// <param name="path">What was given.</param>
    /// <param name="kind">What it is to hold.</param>
    /// <exception cref="BadInputException">It is no name, a file, or the folder of something else.</exception>
    public static string Resolve(string path, string kind)
    {
        if (string.IsNullOrWhiteSpace(path))
        {
            throw new BadInputException($"the folder of the {kind} is an empty name; give a folder with --out");
        }

        string full = Path.GetFullPath(path);
        if (File.Exists(full))
        {
            throw new BadInputException($"{full}: is a file, and the {kind} needs a folder; give another name with --out");
        }

        return KindOf(full) is { } other && other != kind ? throw new BadInputException($"{full}: is the folder of a {other}; give the {kind} another one with --out") : full;
    }

    /// <summary>Does what makes the folder, or a file in it.</summary>
    /// <exception cref="BadInputException">It can't be made.</exception>
    public static T Make<T>(string full, Func<T> make)
    {
        try
        {
            return make();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"{full}: cannot be made ({exception.Message}); give another folder with --out", exception);
        }
    }

    /// <summary>Writes down what is worked at, or looks whether it is what was worked at here before.</summary>
    /// <param name="full">The folder.</param>
    /// <param name="kind">What it holds.</param>
    /// <param name="wanted">What is worked at, as lines.</param>
    /// <param name="why">Why both can't stand in one folder.</param>
    /// <exception cref="BadInputException">It is something else.</exception>
    public static void Agree(string full, string kind, string wanted, string why)
    {
        string description = Path.Combine(full, Array.Find(Kinds, entry => entry.Kind == kind).File);
        if (!File.Exists(description))
        {
            AtomicFile.WriteAllText(description, wanted);
            return;
        }

        string[] there = File.ReadAllText(description).Split('\n'), asked = wanted.Split('\n');
        string[] lost = [.. there.Except(asked)], added = [.. asked.Except(there)];
        if (lost.Length + added.Length > 0)
        {
            throw new BadInputException(
                $"{full}: holds a {kind} of other settings: {Shown(lost)} there, {Shown(added)} here, and {why}. Give the same settings (they stand in {description}), or another folder with --out");
        }
    }

    /// <summary>Has the runs of the command, which read the same text, learn a tokenizer once: this process and those that it starts keep it in the folder, unless the environment names another.</summary>
    /// <param name="path">The command's folder.</param>
    public static void ShareTokenizers(string path)
    {
        if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable(TokenizerCache.Variable)) && !string.IsNullOrWhiteSpace(path))
        {
            Environment.SetEnvironmentVariable(TokenizerCache.Variable, Path.GetFullPath(Path.Combine(path, "tokenizers")));
        }
    }

    private static string Shown(string[] lines) => lines.Length == 0 ? "nothing more" : string.Join("; ", lines.Take(3).Select(static line => $"'{line.Trim()}'")) + (lines.Length > 3 ? "; …" : "");
}
