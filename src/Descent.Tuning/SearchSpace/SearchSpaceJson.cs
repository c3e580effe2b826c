using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Descent.Tuning;

/// <summary>Search spaces and their points as JSON, as journals keep them.</summary>
internal static class SearchSpaceJson
{
    /// <summary><c>{"parameters":[{"name":"rate","range":"log(1e-05,0.1)","if":"kind == \"adamw\""}],"constraints":["…"]}</c>.</summary>
    public static void Write(Utf8JsonWriter writer, SearchSpace space)
    {
        writer.WriteStartObject();
        writer.WriteStartArray("parameters"u8);
        foreach (Parameter parameter in space.Parameters)
        {
            writer.WriteStartObject();
            writer.WriteString("name"u8, parameter.Name);
            writer.WriteString("range"u8, parameter.ToText());
            if (parameter.Condition is { } condition)
            {
                writer.WriteString("if"u8, condition.ToString());
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteStartArray("constraints"u8);
        foreach (Expression constraint in space.Constraints)
        {
            writer.WriteStringValue(constraint.ToString());
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    public static SearchSpace Read(JsonElement json)
    {
        IEnumerable<Parameter> parameters = json.GetProperty("parameters"u8).EnumerateArray().Select(static one =>
        {
            Parameter parameter = ParameterText.Parse(one.GetProperty("name"u8).GetString()!, one.GetProperty("range"u8).GetString()!);
            return one.TryGetProperty("if"u8, out JsonElement condition) ? parameter.When(condition.GetString()!) : parameter;
        });
        return SearchSpace.Of(parameters, json.GetProperty("constraints"u8).EnumerateArray().Select(static one => Expression.Parse(one.GetString()!)));
    }

    /// <summary>Names and values; a real number always has a point or an exponent, which tells it from a whole one.</summary>
    public static void Write(Utf8JsonWriter writer, Configuration configuration)
    {
        writer.WriteStartObject();
        foreach ((string name, ParameterValue value) in configuration)
        {
            writer.WritePropertyName(name);
            switch (value.Kind)
            {
                case ParameterValueKind.Text:
                    writer.WriteStringValue(value.AsText());
                    break;
                case ParameterValueKind.Flag:
                    writer.WriteBooleanValue(value.AsFlag());
                    break;
                default:
                    writer.WriteRawValue(ParameterText.Write(value));
                    break;
            }
        }

        writer.WriteEndObject();
    }

    public static Configuration ReadConfiguration(ref Utf8JsonReader reader, SearchSpace space)
    {
        List<KeyValuePair<string, ParameterValue>> values = new(space.Count);
        int next = 0;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            // Names come in the space's order; the space's own strings serve all points.
            while (next < space.Count && !reader.ValueTextEquals(space.Parameters[next].Name))
            {
                next++;
            }

            string name = next < space.Count ? space.Parameters[next].Name : throw new JsonException($"the space has no parameter '{reader.GetString()}' in this place");
            reader.Read();
            values.Add(new(name, ReadValue(ref reader)));
        }

        return new Configuration(values);
    }

    /// <summary>A point without its space.</summary>
    public static Configuration ReadConfiguration(JsonElement json) => new(json.EnumerateObject().Select(static property => KeyValuePair.Create(property.Name, property.Value.ValueKind switch
    {
        JsonValueKind.String => property.Value.GetString()!,
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.Number => ParameterText.Meaning(property.Value.GetRawText()),
        _ => throw new JsonException($"the value of '{property.Name}' is {property.Value.GetRawText()}"),
    })));

    private static ParameterValue ReadValue(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.String => reader.GetString()!,
        JsonTokenType.True => true,
        JsonTokenType.False => false,
        JsonTokenType.Number when reader.ValueSpan.IndexOfAny(".eE"u8) < 0 => long.Parse(reader.ValueSpan, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture),
        JsonTokenType.Number => reader.GetDouble(),
        _ => throw new JsonException($"a parameter's value is {Encoding.UTF8.GetString(reader.ValueSpan)}"),
    };
}
