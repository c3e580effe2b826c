namespace Descent.Journal;

/// <summary>Opens journals by URL: the one list of where a journal can be.</summary>
public static class JournalCatalog
{
    private static readonly (string Scheme, string Form, Func<string, TimeProvider?, CancellationToken, ValueTask<IJournal>> Open)[] Entries =
    [
        ("memory:", "memory:", static (_, clock, _) => new(new MemoryJournal(clock))),
        ("sqlite:", "sqlite:PATH, or a path alone", static (url, clock, cancellation) => OpenFileAsync(url["sqlite:".Length..], clock, cancellation)),
        ("postgres://", "postgres://user@host/database", static (url, _, cancellation) => OpenServerAsync(url, cancellation)),
        ("postgresql://", "postgresql://user@host/database", static (url, _, cancellation) => OpenServerAsync(url, cancellation)),
    ];

    /// <summary>The forms of URLs, in the order of the documentation.</summary>
    public static IReadOnlyList<string> Forms { get; } = [.. Entries.Select(static entry => entry.Form)];

    /// <summary>Opens a journal, and makes it where there is none.</summary>
    /// <param name="url">One of <see cref="Forms"/>.</param>
    /// <param name="clock">The clock of a journal in memory or in a file; the machine's by default. A server has its own.</param>
    /// <param name="cancellation">Gives up waiting.</param>
    /// <exception cref="JournalException">The URL has a form that there isn't, or the journal can't be opened.</exception>
    public static ValueTask<IJournal> OpenAsync(string url, TimeProvider? clock = null, CancellationToken cancellation = default)
    {
        if (string.IsNullOrWhiteSpace(url))
        {
            throw new JournalException($"The journal's URL is empty; allowed: {string.Join("; ", Forms)}.");
        }

        // A typing error in a scheme must not make a file of that name.
        int scheme = url.IndexOf("://", StringComparison.Ordinal);
        return Entries.FirstOrDefault(entry => url.StartsWith(entry.Scheme, StringComparison.OrdinalIgnoreCase)).Open is { } open ? open(url, clock, cancellation)
            : scheme < 0 ? OpenFileAsync(url, clock, cancellation)
            : throw new JournalException($"There are no journals at '{url[..(scheme + 3)]}…'; allowed: {string.Join("; ", Forms)}.");
    }

    private static async ValueTask<IJournal> OpenFileAsync(string path, TimeProvider? clock, CancellationToken cancellation) => path.Length == 0
        ? throw new JournalException("The journal's URL 'sqlite:' names no file; allowed: sqlite:PATH.")
        : await SqliteJournal.OpenAsync(path, clock, cancellation).ConfigureAwait(false);

    private static async ValueTask<IJournal> OpenServerAsync(string url, CancellationToken cancellation) =>
        await PostgresJournal.OpenAsync(url, cancellation).ConfigureAwait(false);
}
