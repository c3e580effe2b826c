using Descent.Optimizers;
using Descent.Training.Checkpoints;
using Descent.Training.Data;
using Descent.Training.Folds;
using Descent.Training.Losses;
using Descent.Training.Models;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Descent.Training.Configuration;

/// <summary>Reads and writes run files: YAML bound to typed, validated records.</summary>
public static class RunFile
{
    private static readonly KindRegistry Kinds = new KindRegistry()
        .Add("adamw", TrainingOptimizers.Names.Select(name => KeyValuePair.Create(name, () => TrainingOptimizers.Create(name))))
        .Add(null, AverageCatalog.Names.Select(name => KeyValuePair.Create(name, () => AverageCatalog.Create(name))))
        .Add("constant", ScheduleCatalog.Names.Select(name => KeyValuePair.Create(name, () => ScheduleCatalog.Create(name))))
        .Add(null, ModelCatalog.Names.Select(name => KeyValuePair.Create(name, () => ModelCatalog.Create(name))))
        .Add(null, DataCatalog.Names.Select(name => KeyValuePair.Create(name, () => DataCatalog.Create(name))))
        .Add(null, FoldCatalog.Names.Select(name => KeyValuePair.Create(name, () => FoldCatalog.Create(name))))
        .Add(null, LossCatalog.Names.Select(name => KeyValuePair.Create(name, () => LossCatalog.Create(name))));

    /// <summary>Reads a run file.</summary>
    /// <param name="path">The file, or null for the built-in default run.</param>
    /// <param name="overrides">Assignments such as <c>optimizer.learning_rate=3e-4</c>, applied before anything is checked.</param>
    /// <exception cref="BadInputException">The file is missing, is not YAML, or says something that is not allowed.</exception>
    public static RunConfiguration Load(string? path, IEnumerable<string>? overrides = null)
    {
        (string text, string source) = Read(path);
        return Parse(text, source, overrides);
    }

    /// <summary>Reads a run from YAML text.</summary>
    /// <param name="yaml">The text.</param>
    /// <param name="source">What messages call it.</param>
    /// <param name="overrides">Assignments, applied before anything is checked.</param>
    /// <exception cref="BadInputException">The text is not YAML, or says something that is not allowed.</exception>
    public static RunConfiguration Parse(string yaml, string source, IEnumerable<string>? overrides = null)
    {
        YamlMappingNode root = ParseMapping(yaml, source);
        if (root.Children.Keys.FirstOrDefault(static key => key is YamlScalarNode { Value: RunTemplate.SearchKey }) is { } search)
        {
            throw new BadInputException($"{source}:{search.Start.Line}: the section 'search' holds ranges, and a run has one value for each key; 'descent tune {source}' tries them, or take the section out");
        }

        // How it would be searched is of no concern to one run.
        root.Children.Remove(RunTemplate.TuneKey);
        return Bind(root, source, overrides ?? []);
    }

    /// <summary>A run file's text, and what messages call it.</summary>
    internal static (string Text, string Source) Read(string? path)
    {
        if (path is null)
        {
            return (DefaultRun.Yaml, "the built-in run");
        }

        try
        {
            return (File.ReadAllText(path), path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"{path}: {(Directory.Exists(path) ? "is a folder" : $"cannot be read ({exception.Message})")}; give the path of a run file, or none for the built-in run", exception);
        }
    }

    /// <summary>The configuration that a tree says after some assignments.</summary>
    internal static RunConfiguration Bind(YamlMappingNode root, string source, IEnumerable<string> overrides)
    {
        foreach (string assignment in overrides)
        {
            Overrides.Apply(root, assignment);
        }

        foreach (string section in new[] { "model", "data" })
        {
            if (!root.Children.ContainsKey(section))
            {
                throw new BadInputException($"{source}: there is no '{section}' section; every run needs a model and data, see docs/run-file.md");
            }
        }

        var binder = new SectionBinder(Kinds, source);
        var configuration = new RunConfiguration { Model = null!, Data = null! };
        binder.Bind(configuration, root, "");
        if (binder.Schedules.Count > 0)
        {
            var schedules = new Dictionary<string, ScheduledValue>(configuration.Training.Schedules, StringComparer.Ordinal);
            foreach ((string key, ScheduledValue schedule) in binder.Schedules)
            {
                schedules[key] = schedule;
            }

            configuration = configuration with { Training = configuration.Training with { Schedules = schedules } };
        }

        if (configuration.Training.Stop is null)
        {
            configuration = configuration with { Training = configuration.Training with { Stop = new StopOptions { Epochs = 1 } } };
        }

        return configuration;
    }

    /// <summary>The run file that says everything a configuration says, defaults included.</summary>
    public static string Write(RunConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        return ToYaml(new SectionWriter(Kinds).Write(configuration));
    }

    /// <summary>The same for a training that was set up from code, whose model and data have no sections.</summary>
    public static string Write(TrainingOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return ToYaml(new SectionWriter(Kinds).Write(options));
    }

    /// <summary>Writes a configuration to a file, whole or not at all.</summary>
    public static void Save(RunConfiguration configuration, string path) => AtomicFile.WriteAllText(path, Write(configuration));

    internal static string ToYaml(YamlMappingNode node)
    {
        using var writer = new StringWriter { NewLine = "\n" };
        new YamlStream(new YamlDocument(node)).Save(writer, assignAnchors: false);

        // The writer closes a document with an end mark that no person writes.
        return writer.ToString().Replace("...\n", "", StringComparison.Ordinal);
    }

    internal static YamlMappingNode ParseMapping(string yaml, string source)
    {
        try
        {
            var stream = new YamlStream();
            stream.Load(new StringReader(yaml));
            YamlNode root = stream.Documents.Count == 0 ? new YamlMappingNode() : stream.Documents[0].RootNode;
            return root as YamlMappingNode ?? throw new BadInputException($"{source}: a run file is made of sections such as 'model:', but this is a {root.NodeType.ToString().ToLowerInvariant()}");
        }
        catch (YamlException exception)
        {
            throw new BadInputException($"{source}:{exception.Start.Line}: not valid YAML: {exception.InnerException?.Message ?? exception.Message}", exception);
        }
    }
}
