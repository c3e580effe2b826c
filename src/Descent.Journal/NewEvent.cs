using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Descent.Journal;

/// <summary>An event to be appended.</summary>
/// <param name="Stream">Whose event it is, such as <c>study/gpt</c>; at most 500 characters, none of them a control character.</param>
/// <param name="Kind">What happened, such as <c>trial.created</c>; at most 100 characters.</param>
/// <param name="Version">The version of the kind's schema; at least 1.</param>
/// <param name="Data">The rest, a JSON value in UTF-8.</param>
public readonly record struct NewEvent(string Stream, string Kind, int Version, ReadOnlyMemory<byte> Data)
{
    private const int LongestStream = 500;
    private const int LongestKind = 100;

    /// <summary>An event with its JSON as text.</summary>
    /// <param name="stream">Whose event it is.</param>
    /// <param name="kind">What happened.</param>
    /// <param name="version">The version of the kind's schema.</param>
    /// <param name="json">The rest.</param>
    public NewEvent(string stream, string kind, int version, string json)
        : this(stream, kind, version, Encoding.UTF8.GetBytes(json))
    {
    }

    /// <summary>Refuses a batch that is empty or has an event that a journal can't store, before anything is written.</summary>
    /// <param name="events">The batch.</param>
    /// <exception cref="ArgumentException">It does.</exception>
    public static void Check(IReadOnlyList<NewEvent> events)
    {
        ArgumentNullException.ThrowIfNull(events);
        if (events.Count == 0)
        {
            throw new ArgumentException("The batch has no events; allowed: at least one.", nameof(events));
        }

        for (int i = 0; i < events.Count; i++)
        {
            if (events[i].Fault() is { } fault)
            {
                throw new ArgumentException($"Event {i} of the batch: {fault}", nameof(events));
            }
        }
    }

    private string? Fault() =>
        NameFault("stream", Stream, LongestStream) ?? NameFault("kind", Kind, LongestKind)
            ?? (Version < 1 ? $"its version is {Version}; allowed: at least 1."
            : Data.IsEmpty ? "it has no data; allowed: a JSON value, such as {}."
            : DataFault());

    private string? DataFault()
    {
        try
        {
            Utf8JsonReader reader = new(Data.Span);
            while (reader.Read())
            {
            }

            return Utf8.IsValid(Data.Span) ? null : "its data is not UTF-8.";
        }
        catch (JsonException fault)
        {
            return $"its data is no JSON value: {fault.Message}";
        }
    }

    private static string? NameFault(string what, string? name, int longest) =>
        string.IsNullOrEmpty(name) ? $"its {what} is empty."
        : name.Length > longest ? $"its {what} has {name.Length} characters; allowed: at most {longest}."
        : name.Any(char.IsControl) ? $"its {what} has a control character."
        : null;
}
