using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Serialization;
using Descent.Optimizers;
using Descent.Torch;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Descent.Training.Configuration;

/// <summary>Binds a YAML node to a typed, validated record. Everything that does not fit is one clear error with its place.</summary>
/// <param name="kinds">The variants of options types that have a <c>kind</c> key.</param>
/// <param name="source">What the node was read from, for messages: the run file's path.</param>
internal sealed class SectionBinder(KindRegistry kinds, string source)
{
    /// <summary>The schedules that stood where a number stands, by the number's key.</summary>
    public Dictionary<string, ScheduledValue> Schedules { get; } = new(StringComparer.Ordinal);

    /// <summary>Sets the properties of <paramref name="target"/> from the keys of <paramref name="section"/>.</summary>
    public void Bind(object target, YamlMappingNode section, string path)
    {
        Dictionary<string, (object Owner, PropertyInfo Property)> properties = PropertiesOf(target);
        foreach ((YamlNode keyNode, YamlNode value) in section.Children)
        {
            string key = ((YamlScalarNode)keyNode).Value ?? "";
            string keyPath = path.Length == 0 ? key : $"{path}.{key}";
            if (key == "kind" && (target is ScheduledValue || kinds.Has(BaseOf(target.GetType()))))
            {
                continue;
            }

            if (!properties.TryGetValue(key, out (object Owner, PropertyInfo Property) found))
            {
                throw Error(keyNode, $"unknown key '{keyPath}'; {NearestName.Hint(key, properties.Keys)}");
            }

            // What has variants may be none only where it is none by default: a loss, folds.
            if (IsNone(value) && kinds.Has(found.Property.PropertyType) && found.Property.GetValue(found.Owner) is null && found.Property.GetCustomAttribute<RequiredMemberAttribute>() is null)
            {
                continue;
            }

            object? bound = Read(found.Property.PropertyType, value, keyPath, found.Property.GetValue(found.Owner));
            Assign(found.Owner, found.Property, bound, value, keyPath);
        }
    }

    /// <summary>The keys of a record: its settable properties, and those of its inlined sections.</summary>
    public static Dictionary<string, (object Owner, PropertyInfo Property)> PropertiesOf(object target)
    {
        var properties = new Dictionary<string, (object, PropertyInfo)>(StringComparer.Ordinal);
        foreach (PropertyInfo property in target.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            if (property.GetCustomAttribute<InlineSectionAttribute>() is not null)
            {
                foreach ((string key, (object, PropertyInfo) inner) in PropertiesOf(property.GetValue(target)!))
                {
                    properties.Add(key, inner);
                }
            }
            else if (property is { CanRead: true, SetMethod.IsPublic: true })
            {
                properties.TryAdd(property.GetCustomAttribute<DataMemberAttribute>()?.Name ?? SnakeCase.Of(property.Name), (target, property));
            }
        }

        return properties;
    }

    private object? Read(Type type, YamlNode node, string path, object? present)
    {
        Type bare = Nullable.GetUnderlyingType(type) ?? type;
        bool nullable = bare != type || !type.IsValueType;
        if (IsNone(node))
        {
            return nullable && !kinds.Has(bare) ? null : throw Error(node, $"'{path}' has no value; give one or leave the key out");
        }

        if (node is YamlScalarNode scalar && ReadScalar(bare, scalar, path) is { } value)
        {
            return value;
        }

        if (node is YamlMappingNode && IsNumber(bare))
        {
            return ReadInline(bare, node, path, present);
        }

        if (bare == typeof(IReadOnlyDictionary<string, ScheduledValue>))
        {
            return ReadSchedules(node, path);
        }

        if (ElementTypeOf(bare) is { } element)
        {
            return ReadList(element, node, path);
        }

        if (kinds.Has(bare))
        {
            return ReadKind(bare, node, path, present);
        }

        if (node is not YamlMappingNode mapping || !bare.IsClass || bare == typeof(string))
        {
            throw Error(node, $"'{path}' must be {Describe(bare)}, but is {Describe(node)}");
        }

        object section = present is null ? Activator.CreateInstance(bare)! : Copy(present);
        Bind(section, mapping, path);
        Validate(section, node, path);
        return section;
    }

    private static bool IsNone(YamlNode node) =>
        node is YamlScalarNode { Style: not (ScalarStyle.SingleQuoted or ScalarStyle.DoubleQuoted), Value: null or "" or "~" or "null" };

    private object ReadKind(Type type, YamlNode node, string path, object? present)
    {
        // `optimizer: adamw` is short for `optimizer: { kind: adamw }`.
        YamlMappingNode section = node switch
        {
            YamlMappingNode mapping => mapping,
            YamlScalarNode { Value: { } name } => new YamlMappingNode("kind", name),
            _ => throw Error(node, $"'{path}' must be a section with a kind, but is {Describe(node)}"),
        };

        string? kind = section.Children.TryGetValue("kind", out YamlNode? kindNode)
            ? (kindNode as YamlScalarNode)?.Value ?? throw Error(kindNode, $"'{path}.kind' must be a name")
            : null;
        object target;
        if (kind is null && present is not null)
        {
            target = Copy(present);
        }
        else
        {
            kind ??= kinds.DefaultKind(type) ?? throw Error(node, $"'{path}' needs a kind; allowed: {string.Join(", ", kinds.Kinds(type))}");
            target = kinds.Create(type, kind)
                ?? throw Error(kindNode ?? node, $"unknown kind '{kind}' in '{path}'; {NearestName.Hint(kind, kinds.Kinds(type))}");
        }

        Bind(target, section, path);
        Validate(target, node, path);
        return target;
    }

    // `weight_decay: { kind: cosine, from: 0.1, to: 0 }`: the number is what the schedule begins with.
    private object? ReadInline(Type type, YamlNode node, string path, object? present)
    {
        RequireSchedulable(path, node);
        ScheduledValue schedule = ReadSchedule(node, path);
        if (schedule.From is null && present is null)
        {
            throw Error(node, $"'{path}' has no value of its own; say where it begins, with 'from'");
        }

        Schedules[path] = schedule;
        return schedule.From is not { } from ? present
            : type == typeof(double) ? from
            : Convert.ChangeType(Math.Round(from, MidpointRounding.AwayFromZero), type, CultureInfo.InvariantCulture);
    }

    // Keys may be whole, `optimizer.beta2: …`, or sections within sections, as --set makes them.
    private Dictionary<string, ScheduledValue> ReadSchedules(YamlNode node, string path)
    {
        var schedules = new Dictionary<string, ScheduledValue>(StringComparer.Ordinal);
        Add(node, "");
        return schedules;

        void Add(YamlNode at, string prefix)
        {
            YamlMappingNode section = at as YamlMappingNode ?? throw Error(at, $"'{path}' must be a section of keys, but is {Describe(at)}");
            foreach ((YamlNode keyNode, YamlNode value) in section.Children)
            {
                string key = prefix + ((YamlScalarNode)keyNode).Value;
                if (value is YamlMappingNode inner && !inner.Children.Keys.Any(name => name is YamlScalarNode { Value: "kind" or "from" or "to" }))
                {
                    Add(value, key + ".");
                    continue;
                }

                RequireSchedulable(key, keyNode);
                schedules[key] = ReadSchedule(value, $"{path}.{key}");
            }
        }
    }

    private ScheduledValue ReadSchedule(YamlNode node, string path)
    {
        YamlMappingNode section = node switch
        {
            YamlMappingNode mapping => mapping,
            YamlScalarNode { Value: { } name } => new YamlMappingNode("kind", name),
            _ => throw Error(node, $"'{path}' must be a schedule, but is {Describe(node)}"),
        };
        string kind = section.Children.TryGetValue("kind", out YamlNode? kindNode) ? (kindNode as YamlScalarNode)?.Value ?? "" : ScheduledValue.DefaultKind;
        object shape = kinds.Create(typeof(Schedule), kind)
            ?? throw Error(kindNode ?? node, $"unknown kind '{kind}' in '{path}'; {NearestName.Hint(kind, kinds.Kinds(typeof(Schedule)))}");
        var schedule = new ScheduledValue { Shape = (Schedule)shape };
        Bind(schedule, section, path);
        Validate(schedule, node, path);
        return schedule;
    }

    private void RequireSchedulable(string key, YamlNode node)
    {
        if (ScheduledOptions.WhyNot(key) is { } reason)
        {
            throw Error(node, reason);
        }
    }

    private static bool IsNumber(Type type) => type == typeof(double) || type == typeof(int) || type == typeof(long);

    private IList ReadList(Type element, YamlNode node, string path)
    {
        IEnumerable<YamlNode> items = node is YamlSequenceNode sequence ? sequence.Children : [node];
        var values = items.Select((item, index) => Read(element, item, $"{path}[{index}]", null)).ToArray();
        var array = Array.CreateInstance(element, values.Length);
        Array.Copy(values, array, values.Length);
        return array;
    }

    private object? ReadScalar(Type type, YamlScalarNode node, string path)
    {
        string text = node.Value!;
        CultureInfo culture = CultureInfo.InvariantCulture;
        if (type == typeof(string))
        {
            return text;
        }

        if (type == typeof(bool))
        {
            return text switch { "true" => true, "false" => false, _ => throw Error(node, $"'{path}' must be true or false, but is '{text}'") };
        }

        if (type == typeof(double))
        {
            return double.TryParse(text, NumberStyles.Float, culture, out double number) && double.IsFinite(number)
                ? number
                : throw Error(node, $"'{path}' must be a finite number, but is '{text}'");
        }

        if (type == typeof(int) || type == typeof(long))
        {
            // 1e6 and 10_000 are how people write large counts.
            bool whole = decimal.TryParse(text.Replace("_", "", StringComparison.Ordinal), NumberStyles.Float, culture, out decimal number)
                && number == decimal.Truncate(number);
            (decimal low, decimal high) = type == typeof(int) ? (int.MinValue, int.MaxValue) : ((decimal)long.MinValue, long.MaxValue);
            if (!whole || number < low || number > high)
            {
                throw Error(node, $"'{path}' must be a whole number, but is '{text}'");
            }

            return type == typeof(int) ? (int)number : (object)(long)number;
        }

        if (type.IsEnum)
        {
            string? match = Enum.GetNames(type).FirstOrDefault(name => SnakeCase.Of(name) == text || name.Equals(text, StringComparison.OrdinalIgnoreCase));
            return match is not null
                ? Enum.Parse(type, match)
                : throw Error(node, $"'{path}' is '{text}'; {NearestName.Hint(text, Enum.GetNames(type).Select(SnakeCase.Of))}");
        }

        return null;
    }

    private void Assign(object owner, PropertyInfo property, object? value, YamlNode node, string path)
    {
        try
        {
            property.SetValue(owner, value);
        }
        catch (TargetInvocationException exception) when (exception.InnerException is ArgumentException refusal)
        {
            throw Error(node, Refusal.Of(refusal, path));
        }
    }

    private void Validate(object section, YamlNode node, string path)
    {
        string[] violations = ViolationsOf(section).ToArray();
        if (violations.Length > 0)
        {
            throw Error(node, $"'{path}': {string.Join("; ", violations)}");
        }
    }

    private static IEnumerable<string> ViolationsOf(object section)
    {
        if (section is IValidatable validatable)
        {
            return validatable.Validate();
        }

        if (section is ParameterGroup group)
        {
            return group.Validate();
        }

        if (section is OptimizerOptions { MatricesOnly: false } optimizer)
        {
            // A rule checks what its settings are together when it makes its kernel; here the line of the run file is still known.
            try
            {
                optimizer.CreateKernel();
            }
            catch (InvalidOperationException exception)
            {
                return [exception.Message];
            }
        }

        return [];
    }

    private BadInputException Error(YamlNode node, string message)
        => new($"{source}{(node.Start.Line > 0 && !node.Start.Equals(Mark.Empty) ? $":{node.Start.Line}" : "")}: {message}");

    // A record's copy constructor; the present value is a default that other runs share.
    internal static object Copy(object record)
        => record.GetType().GetMethod("<Clone>$")?.Invoke(record, null)
            ?? throw new InvalidOperationException($"{record.GetType()} is not a record.");

    private Type BaseOf(Type type)
    {
        Type? current = type;
        while (current is not null && !kinds.Has(current))
        {
            current = current.BaseType;
        }

        return current ?? type;
    }

    private static Type? ElementTypeOf(Type type)
        => type.IsArray ? type.GetElementType()
            : type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>) ? type.GetGenericArguments()[0]
            : null;

    private static string Describe(Type type)
        => type == typeof(string) ? "a text" : ElementTypeOf(type) is not null ? "a list" : type.IsClass ? "a section of keys" : "a value";

    private static string Describe(YamlNode node) => node switch
    {
        YamlScalarNode scalar => $"'{scalar.Value}'",
        YamlSequenceNode => "a list",
        _ => "a section of keys",
    };
}
