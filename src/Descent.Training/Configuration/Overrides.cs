using System.Globalization;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Descent.Training.Configuration;

/// <summary>Applies <c>--set key=value</c> to a run file before it is bound: keys are dotted paths, values are YAML.</summary>
internal static class Overrides
{
    public static void Apply(YamlMappingNode root, string assignment)
    {
        int equals = assignment.IndexOf('=', StringComparison.Ordinal);
        if (equals <= 0)
        {
            throw new BadInputException($"--set {assignment}: expected key=value, for example --set optimizer.learning_rate=3e-4");
        }

        string[] path = assignment[..equals].Split('.');
        YamlMappingNode node = root;
        foreach (string key in path[..^1])
        {
            if (ItemOf(node, key) is { } item)
            {
                node = item;
                continue;
            }

            if (!node.Children.TryGetValue(key, out YamlNode? child))
            {
                child = new YamlMappingNode();
                node.Children[key] = child;
            }

            // `optimizer: adamw` is short for a section with that kind.
            if (child is YamlScalarNode { Value: { Length: > 0 } kind })
            {
                child = new YamlMappingNode("kind", kind);
                node.Children[key] = child;
            }

            node = child as YamlMappingNode
                ?? throw new BadInputException($"--set {assignment}: '{key}' is not a section of keys");
        }

        // Another kind has other keys: what the file said of the old kind must not fail the new one.
        if (path[^1] == "kind" && node.Children.TryGetValue("kind", out YamlNode? present) && !present.Equals(new YamlScalarNode(assignment[(equals + 1)..])))
        {
            node.Children.Clear();
        }

        YamlNode value = Parse(assignment[(equals + 1)..], assignment);
        if (PlaceOf(node, path[^1]) is { } place)
        {
            place.List.Children[place.Index] = value;
        }
        else
        {
            node.Children[path[^1]] = value;
        }
    }

    // groups[0] is the first of a list that the file has.
    private static YamlMappingNode? ItemOf(YamlMappingNode node, string key) =>
        PlaceOf(node, key) is { } place ? place.List.Children[place.Index] as YamlMappingNode : null;

    private static (YamlSequenceNode List, int Index)? PlaceOf(YamlMappingNode node, string key)
    {
        int bracket = key.IndexOf('[', StringComparison.Ordinal);
        return bracket > 0 && key.EndsWith(']') && int.TryParse(key[(bracket + 1)..^1], NumberStyles.None, CultureInfo.InvariantCulture, out int index)
            && node.Children.TryGetValue(key[..bracket], out YamlNode? list) && list is YamlSequenceNode sequence && index < sequence.Children.Count
            ? (sequence, index)
            : null;
    }

    private static YamlNode Parse(string value, string assignment)
    {
        try
        {
            var stream = new YamlStream();
            stream.Load(new StringReader(value));
            return stream.Documents.Count == 0 ? new YamlScalarNode("") : stream.Documents[0].RootNode;
        }
        catch (YamlException exception)
        {
            throw new BadInputException($"--set {assignment}: the value is not valid YAML ({exception.Message})");
        }
    }
}
