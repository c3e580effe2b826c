using System.Text.Json;

namespace Descent.Tuning.Samplers;

/// <summary>The settings that a trial of Population Based Training was trained with, one point for each round from its first ancestor on.</summary>
/// <remarks>
/// What PBT finds is a schedule, not a point: the best member's ancestors were trained with other settings than itself. <see cref="ScheduleReplaySampler"/> trains by one
/// again, from the beginning.
/// Reference: Jaderberg et al., "Population Based Training of Neural Networks", 2017 (arXiv 1711.09846), section 4.
/// </remarks>
public sealed class HyperparameterSchedule
{
    private readonly Configuration[] _rounds;

    /// <summary>A schedule.</summary>
    /// <param name="rounds">The point of each round; at least one.</param>
    public HyperparameterSchedule(IEnumerable<Configuration> rounds)
    {
        ArgumentNullException.ThrowIfNull(rounds);
        _rounds = [.. rounds];
        if (_rounds.Length == 0)
        {
            throw new ArgumentException("The schedule has no rounds; allowed: at least one.", nameof(rounds));
        }
    }

    /// <summary>The point of each round.</summary>
    public IReadOnlyList<Configuration> Rounds => _rounds;

    /// <summary>The schedule that led to a trial.</summary>
    /// <param name="history">The study's trials.</param>
    /// <param name="number">The trial's number.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such trial.</exception>
    public static HyperparameterSchedule Of(TrialHistory history, int number)
    {
        ArgumentNullException.ThrowIfNull(history);
        if (number < 0 || number >= history.Trials.Count)
        {
            throw new ArgumentOutOfRangeException(nameof(number), number, $"There is no trial {number}; allowed: from 0 to {history.Trials.Count - 1}.");
        }

        List<Configuration> rounds = [];
        for (int? next = number; next is { } ancestor; next = history.Trials[ancestor].Parent)
        {
            rounds.Add(history.Trials[ancestor].Configuration);
        }

        rounds.Reverse();
        return new HyperparameterSchedule(rounds);
    }

    /// <summary>Reads a schedule.</summary>
    /// <param name="path">A file with what <see cref="ToJson"/> gives.</param>
    /// <exception cref="ArgumentException">It can't be read, or is no schedule; the message says why.</exception>
    public static HyperparameterSchedule Read(string path)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllText(path));
            return new HyperparameterSchedule(document.RootElement.EnumerateArray().Select(SearchSpaceJson.ReadConfiguration));
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or JsonException or InvalidOperationException)
        {
            throw new ArgumentException($"{path} is no schedule ({fault.Message}); allowed: a JSON list with an object of settings for each round.", nameof(path), fault);
        }
    }

    /// <summary>The schedule as a JSON list with an object of settings for each round.</summary>
    public string ToJson()
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter writer = new(stream, new JsonWriterOptions { Indented = true }))
        {
            writer.WriteStartArray();
            foreach (Configuration round in _rounds)
            {
                SearchSpaceJson.Write(writer, round);
            }

            writer.WriteEndArray();
        }

        return System.Text.Encoding.UTF8.GetString(stream.ToArray()) + "\n";
    }
}
