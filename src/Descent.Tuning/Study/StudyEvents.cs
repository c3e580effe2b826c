using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Descent.Journal;

namespace Descent.Tuning;

/// <summary>The events of a study, as they are written. Golden journals in tests/Golden hold every version of them.</summary>
/// <remarks>
/// Version 1: <c>study.created</c> {space, directions, objectives?, seed} · <c>worker.joined</c> {worker} · <c>trial.created</c> {trial, configuration, parent?, tag?, worker?,
/// lease?} · <c>trial.claimed</c> {trial, worker, lease} · <c>trial.renewed</c> {trial, token} · <c>trial.reported</c> {trial, token, step, value} ·
/// <c>trial.noted</c> {trial, token, key, text} · <c>trial.released</c> {trial, token, reason, failure?} · <c>trial.finished</c> {trial, token, state, objectives?,
/// violation?, reason?}. Leases are in seconds; NaN and infinities are strings.
/// </remarks>
internal sealed class StudyEvents(string stream)
{
    public const int Version = 1;

    // Not meant for HTML: what people read with a database's own tools stays readable.
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private readonly ArrayBufferWriter<byte> _buffer = new();

    public static string StreamOf(string study) => $"study/{study}";

    public NewEvent StudyCreated(SearchSpace space, IReadOnlyList<Direction> directions, IReadOnlyList<string>? objectives, long seed) => Write("study.created", writer =>
    {
        writer.WritePropertyName("space"u8);
        SearchSpaceJson.Write(writer, space);
        writer.WriteStartArray("directions"u8);
        foreach (Direction direction in directions)
        {
            writer.WriteStringValue(direction == Direction.Minimize ? "minimize"u8 : "maximize"u8);
        }

        writer.WriteEndArray();
        if (objectives is not null)
        {
            writer.WriteStartArray("objectives"u8);
            foreach (string name in objectives)
            {
                writer.WriteStringValue(name);
            }

            writer.WriteEndArray();
        }

        writer.WriteNumber("seed"u8, seed);
    });

    public NewEvent WorkerJoined(string worker) => Write("worker.joined", writer => writer.WriteString("worker"u8, worker));

    public NewEvent TrialCreated(int trial, Proposal proposal, string? worker, TimeSpan lease) => Write("trial.created", writer =>
    {
        writer.WriteNumber("trial"u8, trial);
        writer.WritePropertyName("configuration"u8);
        SearchSpaceJson.Write(writer, proposal.Configuration);
        if (proposal.Parent is { } parent)
        {
            writer.WriteNumber("parent"u8, parent);
        }

        Optional(writer, "tag"u8, proposal.Tag);
        if (worker is not null)
        {
            writer.WriteString("worker"u8, worker);
            writer.WriteNumber("lease"u8, lease.TotalSeconds);
        }
    });

    public NewEvent TrialClaimed(int trial, string worker, TimeSpan lease) => Write("trial.claimed", writer =>
    {
        writer.WriteNumber("trial"u8, trial);
        writer.WriteString("worker"u8, worker);
        writer.WriteNumber("lease"u8, lease.TotalSeconds);
    });

    public NewEvent TrialRenewed(int trial, long token) => Write("trial.renewed", trial, token, static _ => { });

    public NewEvent TrialReported(int trial, long token, long step, double value) => Write("trial.reported", trial, token, writer =>
    {
        writer.WriteNumber("step"u8, step);
        writer.WritePropertyName("value"u8);
        Number(writer, value);
    });

    public NewEvent TrialNoted(int trial, long token, string key, string text) => Write("trial.noted", trial, token, writer =>
    {
        writer.WriteString("key"u8, key);
        writer.WriteString("text"u8, text);
    });

    public NewEvent TrialReleased(int trial, long token, string reason, bool failure) => Write("trial.released", trial, token, writer =>
    {
        writer.WriteString("reason"u8, reason);
        if (failure)
        {
            writer.WriteBoolean("failure"u8, true);
        }
    });

    public NewEvent TrialFinished(int trial, long token, TrialResult result, string? reason) => Write("trial.finished", trial, token, writer =>
    {
        writer.WriteString("state"u8, result.State switch
        {
            TrialState.Complete => "complete"u8,
            TrialState.Pruned => "pruned"u8,
            _ => "failed"u8,
        });
        if (result.State == TrialState.Complete)
        {
            writer.WriteStartArray("objectives"u8);
            foreach (double objective in result.Objectives)
            {
                Number(writer, objective);
            }

            writer.WriteEndArray();
        }

        if (result.Violation > 0)
        {
            writer.WritePropertyName("violation"u8);
            Number(writer, result.Violation);
        }

        Optional(writer, "reason"u8, reason);
    });

    private static void Optional(Utf8JsonWriter writer, ReadOnlySpan<byte> name, string? text)
    {
        if (text is not null)
        {
            writer.WriteString(name, text);
        }
    }

    private static void Number(Utf8JsonWriter writer, double value)
    {
        if (double.IsFinite(value))
        {
            writer.WriteNumberValue(value);
        }
        else
        {
            writer.WriteStringValue(value.ToString(CultureInfo.InvariantCulture));
        }
    }

    private NewEvent Write(string kind, int trial, long token, Action<Utf8JsonWriter> rest) => Write(kind, writer =>
    {
        writer.WriteNumber("trial"u8, trial);
        writer.WriteNumber("token"u8, token);
        rest(writer);
    });

    private NewEvent Write(string kind, Action<Utf8JsonWriter> content)
    {
        lock (_buffer)
        {
            _buffer.ResetWrittenCount();
            using (Utf8JsonWriter writer = new(_buffer, Plain))
            {
                writer.WriteStartObject();
                content(writer);
                writer.WriteEndObject();
            }

            return new NewEvent(stream, kind, Version, _buffer.WrittenSpan.ToArray());
        }
    }
}
