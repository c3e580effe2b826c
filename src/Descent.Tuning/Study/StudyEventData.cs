using System.Globalization;
using System.Text.Json;

namespace Descent.Tuning;

/// <summary>The fields of a study's event. One reader for all kinds: a field that a kind hasn't keeps its default.</summary>
internal struct StudyEventData
{
    public int Trial { get; private set; }

    public long Token { get; private set; }

    public long Step { get; private set; }

    public double Value { get; private set; }

    public double Lease { get; private set; }

    public string? Worker { get; private set; }

    public Configuration? Configuration { get; private set; }

    public int? Parent { get; private set; }

    public string? Tag { get; private set; }

    public TrialState State { get; private set; }

    public List<double>? Objectives { get; private set; }

    public double Violation { get; private set; }

    public string? Reason { get; private set; }

    public bool Failure { get; private set; }

    public string? Key { get; private set; }

    public string? Text { get; private set; }

    public static StudyEventData Read(ReadOnlySpan<byte> json, SearchSpace space)
    {
        StudyEventData data = new() { Trial = -1 };
        Utf8JsonReader reader = new(json);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            ReadOnlySpan<byte> name = reader.ValueSpan;
            reader.Read();
            data.Take(name, ref reader, space);
        }

        return data;
    }

    private void Take(ReadOnlySpan<byte> name, ref Utf8JsonReader reader, SearchSpace space)
    {
        // By how often they come.
        if (name.SequenceEqual("trial"u8))
        {
            Trial = reader.GetInt32();
        }
        else if (name.SequenceEqual("token"u8))
        {
            Token = reader.GetInt64();
        }
        else if (name.SequenceEqual("step"u8))
        {
            Step = reader.GetInt64();
        }
        else if (name.SequenceEqual("value"u8))
        {
            Value = Number(ref reader);
        }
        else if (name.SequenceEqual("configuration"u8))
        {
            Configuration = SearchSpaceJson.ReadConfiguration(ref reader, space);
        }
        else if (name.SequenceEqual("worker"u8))
        {
            Worker = reader.GetString();
        }
        else if (name.SequenceEqual("lease"u8))
        {
            Lease = reader.GetDouble();
        }
        else if (name.SequenceEqual("state"u8))
        {
            State = reader.ValueTextEquals("complete"u8) ? TrialState.Complete
                : reader.ValueTextEquals("pruned"u8) ? TrialState.Pruned
                : reader.ValueTextEquals("failed"u8) ? TrialState.Failed
                : throw new JsonException($"the state is '{reader.GetString()}'");
        }
        else if (name.SequenceEqual("objectives"u8))
        {
            Objectives = [];
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                Objectives.Add(Number(ref reader));
            }
        }
        else
        {
            TakeRare(name, ref reader);
        }
    }

    private void TakeRare(ReadOnlySpan<byte> name, ref Utf8JsonReader reader)
    {
        if (name.SequenceEqual("reason"u8))
        {
            Reason = reader.GetString();
        }
        else if (name.SequenceEqual("violation"u8))
        {
            Violation = Number(ref reader);
        }
        else if (name.SequenceEqual("failure"u8))
        {
            Failure = reader.GetBoolean();
        }
        else if (name.SequenceEqual("parent"u8))
        {
            Parent = reader.GetInt32();
        }
        else if (name.SequenceEqual("tag"u8))
        {
            Tag = reader.GetString();
        }
        else if (name.SequenceEqual("key"u8))
        {
            Key = reader.GetString();
        }
        else if (name.SequenceEqual("text"u8))
        {
            Text = reader.GetString();
        }
        else
        {
            reader.Skip();
        }
    }

    private static double Number(ref Utf8JsonReader reader) => reader.TokenType == JsonTokenType.String
        ? double.Parse(reader.GetString()!, CultureInfo.InvariantCulture)
        : reader.GetDouble();
}
