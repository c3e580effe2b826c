using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Text.Unicode;

namespace Descent.Training;

/// <summary>A complete line of a metrics file, without its end, and where it is.</summary>
internal readonly record struct MetricsLine(string Path, int Number, ReadOnlyMemory<byte> Bytes)
{
    /// <summary>The context whose encoder leaves letters of every script as they are, so that samples stay readable in the file.</summary>
    public static MetricsJson Json { get; } = new(new JsonSerializerOptions(MetricsJson.Default.Options)
    {
        Encoder = JavaScriptEncoder.Create(UnicodeRanges.All),
    });

    /// <summary>One line for <paramref name="report"/>, with its end.</summary>
    public static byte[] Write<T>(string name, T report, JsonTypeInfo<T> type)
    {
        // Every record has at least one property, so its object opens with {" and the name goes in between.
        ReadOnlySpan<byte> record = JsonSerializer.SerializeToUtf8Bytes(report, type);
        return [.. "{\"event\":\""u8, .. Encoding.UTF8.GetBytes(name), .. "\","u8, .. record[1..], (byte)'\n'];
    }

    /// <summary>The record in this line.</summary>
    /// <exception cref="BadInputException">It isn't one.</exception>
    public T Read<T>(JsonTypeInfo<T> type)
    {
        try
        {
            return JsonSerializer.Deserialize(Bytes.Span, type) ?? throw Unreadable("it is 'null'");
        }
        catch (JsonException exception)
        {
            throw Unreadable(exception.Message, exception);
        }
    }

    /// <summary>The error that names this line.</summary>
    public BadInputException Unreadable(string because, Exception? inner = null) => new(
        $"{Path}, line {Number} is not an event of a run: {because.TrimEnd('.')}. Remove the line, or restore the file from a copy.", inner!);
}
