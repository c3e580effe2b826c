using System.Collections;
using System.Globalization;
using System.Reflection;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Descent.Training.Configuration;

/// <summary>Writes a record as the YAML that binds back to it: every key, defaults included, so that a run can be repeated years later.</summary>
internal sealed class SectionWriter(KindRegistry kinds)
{
    public YamlMappingNode Write(object section)
    {
        var node = new YamlMappingNode();
        if (KindOf(section) is { } kind)
        {
            node.Add("kind", kind);
        }

        foreach ((string key, (object owner, PropertyInfo property)) in SectionBinder.PropertiesOf(section))
        {
            if (property.GetValue(owner) is { } value)
            {
                node.Add(key, WriteValue(value));
            }
        }

        return node;
    }

    private YamlNode WriteValue(object value) => value switch
    {
        string text => new YamlScalarNode(text) { Style = NeedsQuotes(text) ? ScalarStyle.DoubleQuoted : ScalarStyle.Any },
        bool flag => new YamlScalarNode(flag ? "true" : "false"),
        Enum member => new YamlScalarNode(SnakeCase.Of(member.ToString())),
        IFormattable number => new YamlScalarNode(number.ToString(null, CultureInfo.InvariantCulture)),
        IReadOnlyDictionary<string, ScheduledValue> schedules => new YamlMappingNode(
            schedules.SelectMany(entry => new[] { new YamlScalarNode(entry.Key), (YamlNode)Write(entry.Value) })),
        IEnumerable list when list.Cast<object>().Any(item => item is not (string or IFormattable or bool)) =>
            new YamlSequenceNode(list.Cast<object>().Select(WriteValue)),
        IEnumerable list => new YamlSequenceNode(list.Cast<object>().Select(WriteValue)) { Style = YamlDotNet.Core.Events.SequenceStyle.Flow },
        _ => Write(value),
    };

    private static bool NeedsQuotes(string text)
        => text is "" or "~" or "null" or "true" or "false" || double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out _);

    private string? KindOf(object section)
    {
        if (section is ScheduledValue scheduled)
        {
            return scheduled.Shape.Kind;
        }

        for (Type? type = section.GetType(); type is not null; type = type.BaseType)
        {
            if (kinds.Has(type))
            {
                return (string?)section.GetType().GetProperty("Kind")?.GetValue(section)
                    ?? throw new InvalidOperationException($"{section.GetType()} has no Kind.");
            }
        }

        return null;
    }
}
