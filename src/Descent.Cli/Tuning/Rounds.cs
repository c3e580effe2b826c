using System.Globalization;
using Descent.Training;
using Descent.Training.Configuration;
using Descent.Tuning;
using Descent.Tuning.Samplers;

namespace Descent.Cli.Tuning;

/// <summary>
/// Trials that are rounds of a longer training, as Population Based Training wants them: each goes on from its parent's last checkpoint with changed settings, for as many steps as
/// <c>stop.steps</c> says.
/// </summary>
internal static class Rounds
{
    // What is in a checkpoint can't become something else between two rounds.
    private static readonly string[] Fixed = ["seed", "model", "data", "memory", "initialization", "stop", "validation", "checkpoints", "groups"];

    /// <summary>Whether a sampler's trials are rounds.</summary>
    public static bool AreMadeBy(ISampler sampler) => sampler is PopulationSampler or ScheduleReplaySampler;

    /// <summary>Refuses what can't be trained in rounds.</summary>
    /// <exception cref="BadInputException">The run file doesn't say how long a round is, or a setting is searched that a run keeps.</exception>
    public static void Require(Search search)
    {
        RunConfiguration middle = search.Middle();
        if (middle.Training.Validation.Folds is not null)
        {
            throw new BadInputException($"{search.Template.Source}: the sampler trains in rounds, and validation.folds would train every trial several times; leave the folds out, or take another sampler");
        }

        StopOptions? stop = middle.Training.Stop;
        if (stop is not { Steps: not null, Epochs: null, Minutes: null })
        {
            throw new BadInputException($"{search.Template.Source}: the sampler trains in rounds, and stop.steps says how long one is; set it, and neither stop.epochs nor stop.minutes");
        }

        foreach (Parameter parameter in search.Space.Parameters)
        {
            string section = parameter.Name.Split('.', '[')[0];
            if (Fixed.Contains(section) || parameter.Name.EndsWith("kind", StringComparison.Ordinal) || parameter.Condition is not null)
            {
                throw new BadInputException(
                    $"{search.Template.Source}: search: {parameter.Name} can't change in the middle of a run, and the sampler trains in rounds; search numbers of the optimizer, its schedules and the regularization, or take another sampler");
            }
        }
    }

    /// <summary>What the process of a trial with a parent is told.</summary>
    /// <param name="order">What it would be told without one.</param>
    /// <param name="trial">The trial.</param>
    /// <param name="round">Steps of a round.</param>
    /// <exception cref="BadInputException">The parent's folder isn't on this machine.</exception>
    public static TrialOrder GoOn(TrialOrder order, Trial trial, long round)
    {
        if (trial.Parent is not { } parent)
        {
            return order;
        }

        string folder = trial.ParentFolder is { } found && File.Exists(Path.Combine(found, "run.yaml"))
            ? found
            : throw new BadInputException($"it goes on from trial {parent}, whose folder isn't here; share the study's folder between the machines");
        long reached = RunFile.Load(Path.Combine(folder, "run.yaml")).Training.Stop?.Steps ?? 0;
        return order with
        {
            Parent = folder,
            Changes = [.. trial.Configuration.Select(static pair => $"{pair.Key}={pair.Value}"), string.Create(CultureInfo.InvariantCulture, $"stop.steps={reached + round}")],
        };
    }

    /// <summary>Copies a run to a folder where there is none. The run file comes last: until then there is no run.</summary>
    public static void Copy(string from, string to)
    {
        string[] files = [.. Directory.GetFiles(from, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(from, file)).Where(static file => file is not ("run.yaml" or ".lock" or "report.html"))];
        foreach (string file in files)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(to, file))!);
            File.Copy(Path.Combine(from, file), Path.Combine(to, file), overwrite: true);
        }

        string run = Path.Combine(to, "run.yaml");
        File.Copy(Path.Combine(from, "run.yaml"), run + ".copy", overwrite: true);
        File.Move(run + ".copy", run);
    }
}
