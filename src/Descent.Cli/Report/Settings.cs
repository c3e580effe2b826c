using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Descent.Cli.Report;

/// <summary>Finds where the settings of several runs differ.</summary>
internal static class Settings
{
    /// <summary>A setting by its path, and its value in each run, null where a run doesn't have it.</summary>
    public sealed record Difference(string Path, IReadOnlyList<string?> Values);

    /// <summary>The settings that aren't the same in all of <paramref name="files"/>, in the order they appear.</summary>
    /// <param name="files">Resolved run files as YAML.</param>
    public static IReadOnlyList<Difference> Differences(IReadOnlyList<string> files)
    {
        List<Dictionary<string, string>> runs = [.. files.Select(Flatten)];
        return
        [
            .. runs.SelectMany(run => run.Keys).Distinct()
                .Select(path => new Difference(path, [.. runs.Select(run => run.GetValueOrDefault(path))]))
                .Where(setting => setting.Values.Distinct().Skip(1).Any()),
        ];
    }

    private static Dictionary<string, string> Flatten(string yaml)
    {
        var settings = new Dictionary<string, string>();
        var stream = new YamlStream();
        try
        {
            stream.Load(new StringReader(yaml));
        }
        catch (YamlException)
        {
            // A comparison is a courtesy; the page shows the text itself in any case.
            return settings;
        }

        if (stream.Documents.Count > 0)
        {
            Walk("", stream.Documents[0].RootNode, settings);
        }

        return settings;
    }

    private static void Walk(string path, YamlNode node, Dictionary<string, string> settings)
    {
        switch (node)
        {
            case YamlMappingNode mapping:
                foreach ((YamlNode key, YamlNode value) in mapping)
                {
                    Walk(path.Length == 0 ? key.ToString() : $"{path}.{key}", value, settings);
                }

                break;
            case YamlSequenceNode sequence:
                for (int i = 0; i < sequence.Children.Count; i++)
                {
                    Walk($"{path}[{i}]", sequence.Children[i], settings);
                }

                break;
            default:
                settings[path] = node.ToString();
                break;
        }
    }
}
