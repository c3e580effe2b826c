using Descent.Journal;
using Descent.Testing.Checks;

namespace Descent.Testing;

/// <summary>What every journal has to keep to, as named checks that any test framework can list and run.</summary>
/// <remarks>
/// A check is given a way to open one and the same store, which is empty at first, and opens it several times at once, as the processes that share it do.
/// That the death of a process leaves whole batches is for a test with processes to show.
/// </remarks>
/// <example>
/// <code>
/// await JournalContract.CheckAsync("batches_are_whole", token => JournalCatalog.OpenAsync(path, null, token), token);
/// </code>
/// </example>
public static class JournalContract
{
    private static readonly (string Name, Func<JournalSubject, Task> Run)[] Checks =
    [
        ("events_come_back_as_they_were", JournalChecks.EventsComeBackAsTheyWere),
        ("reading_goes_on_after_a_position", JournalChecks.ReadingGoesOnAfterAPosition),
        ("streams_are_apart", JournalChecks.StreamsAreApart),
        ("all_who_open_it_share_it", JournalChecks.AllWhoOpenItShareIt),
        ("refused_batches_leave_nothing", JournalChecks.RefusedBatchesLeaveNothing),
        ("times_are_the_journals", JournalChecks.TimesAreTheJournals),
        ("batches_are_whole", JournalConcurrencyChecks.BatchesAreWhole),
        ("readers_miss_nothing", JournalConcurrencyChecks.ReadersMissNothing),
        ("cancelled_batches_are_whole_or_nothing", JournalConcurrencyChecks.CancelledBatchesAreWholeOrNothing),
    ];

    /// <summary>The names of all checks.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Checks.Select(static check => check.Name)];

    /// <summary>Runs one check.</summary>
    /// <param name="name">A name of <see cref="Names"/>.</param>
    /// <param name="open">Opens the store; each call gives a journal of its own, or the one there is. What it gives is disposed of.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="ContractException">The journal breaks the contract.</exception>
    /// <exception cref="ArgumentException">There is no such check.</exception>
    public static Task CheckAsync(string name, Func<CancellationToken, ValueTask<IJournal>> open, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(open);
        Func<JournalSubject, Task> run = Checks.FirstOrDefault(check => check.Name == name).Run
            ?? throw new ArgumentException($"There is no check '{name}'. Known: {string.Join(", ", Names)}.", nameof(name));
        return run(new JournalSubject(open, cancellation));
    }
}
