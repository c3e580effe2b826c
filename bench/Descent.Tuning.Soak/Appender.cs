using System.Globalization;
using Descent.Journal;

namespace Descent.Tuning.Soak;

/// <summary>Appends batches to a journal until it is killed, and says which ones it was told are there.</summary>
internal static class Appender
{
    public static async Task RunAsync(string url, int writer)
    {
        await using IJournal journal = await JournalCatalog.OpenAsync(url);
        for (int batch = 0; ; batch++)
        {
            int size = 1 + (batch * 7 % 40);
            await journal.AppendAsync([.. Enumerable.Range(0, size).Select(i => new NewEvent("appended", "test.appended", 1, Text($"[{writer},{batch},{i},{size}]")))]);
            Console.Out.WriteLine(Text($"{batch}"));
            Console.Out.Flush();
        }
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
