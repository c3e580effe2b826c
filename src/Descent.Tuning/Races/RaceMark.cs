using System.Globalization;
using Descent.Journal;

namespace Descent.Tuning.Races;

/// <summary>
/// What a race's own stream says: that a part of it is over for some wishes, though cut to fit the time. Version 1: <c>race.searched</c> and <c>race.finished</c>, {wish}. Who
/// wishes the same again finds it over; who wishes for more goes on.
/// </summary>
internal sealed class RaceMark(IJournal journal, string race)
{
    public const string Searched = "race.searched";
    public const string Finished = "race.finished";

    private string Stream => $"race/{race}";

    /// <summary>What the wishes are, in one word.</summary>
    public static string WishOf(RaceOptions options) => string.Create(
        CultureInfo.InvariantCulture, $"{options.Equal}:{options.Trials}:{options.Seeds}:{options.Time?.TotalSeconds ?? 0}:{string.Join('+', options.Contenders.Select(static contender => contender.Name).Order(StringComparer.Ordinal))}");

    /// <summary>Whether a part is over for a wish.</summary>
    public async Task<bool> IsOverAsync(string kind, string wish, CancellationToken cancellation)
    {
        long after = 0;
        while (true)
        {
            IReadOnlyList<JournalEvent> page = await journal.ReadAsync(after, Stream, cancellation: cancellation).ConfigureAwait(false);
            if (page.Any(happened => happened.Kind == kind && RaceMarkData.Of(happened.Data).Wish == wish))
            {
                return true;
            }

            if (page.Count < JournalEvent.Page)
            {
                return false;
            }

            after = page[^1].Position;
        }
    }

    /// <summary>Writes down that a part is over.</summary>
    public async Task WriteAsync(string kind, string wish, CancellationToken cancellation) =>
        await journal.AppendAsync([new NewEvent(Stream, kind, 1, new RaceMarkData(wish).Write())], cancellation).ConfigureAwait(false);
}
