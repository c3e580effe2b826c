using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Descent.Tuning;

/// <summary>A process and those it started.</summary>
internal static class ProcessTree
{
    private const int Terminate = 15;

    /// <summary>Asks a process to end; where there are no signals, ends it.</summary>
    public static void Ask(Process process)
    {
        if (OperatingSystem.IsWindows())
        {
            process.Kill(entireProcessTree: true);
        }
        else if (!process.HasExited)
        {
            _ = Kill(process.Id, Terminate);
        }
    }

    /// <summary>Resident bytes of a process and all below it; pages that several share count for each.</summary>
    public static long ResidentBytes(int root)
    {
        if (!OperatingSystem.IsLinux())
        {
            using Process process = Process.GetProcessById(root);
            return process.WorkingSet64;
        }

        (int Id, int Parent, long Pages)[] all = [.. Directory.EnumerateDirectories("/proc").Select(ReadStat).OfType<(int, int, long)>()];
        ILookup<int, (int Id, int Parent, long Pages)> children = all.ToLookup(static one => one.Parent);
        long pages = all.FirstOrDefault(one => one.Id == root).Pages;
        Stack<int> open = new([root]);
        while (open.TryPop(out int parent))
        {
            foreach ((int id, _, long resident) in children[parent])
            {
                pages += resident;
                open.Push(id);
            }
        }

        return pages * Environment.SystemPageSize;
    }

    /// <summary>Number, parent (4th field) and resident pages (24th) of /proc/N/stat; the second field, a name, may hold blanks and parentheses.</summary>
    private static (int Id, int Parent, long Pages)? ReadStat(string folder)
    {
        if (!int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out int id))
        {
            return null;
        }

        try
        {
            string stat = File.ReadAllText(Path.Combine(folder, "stat"));
            string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return (id, int.Parse(fields[1], CultureInfo.InvariantCulture), long.Parse(fields[21], CultureInfo.InvariantCulture));
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // It ended while we looked.
            return null;
        }
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static extern int Kill(int process, int signal);
}
