using System.Globalization;

namespace Descent.Training;

/// <summary>Files of Linux that give amounts by name, a line each: <c>VmRSS:   1234 kB</c>.</summary>
internal static class ProcFile
{
    /// <summary>The amounts in bytes, in the order of the names; 0 where there is no such line. Reads no further than the last one.</summary>
    public static long[] Bytes(string path, params ReadOnlySpan<string> names)
    {
        var amounts = new long[names.Length];
        int left = names.Length;
        foreach (string line in File.ReadLines(path))
        {
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon > 0 && names.IndexOf(line[..colon]) is >= 0 and var index)
            {
                ReadOnlySpan<char> digits = line.AsSpan(colon + 1).Trim();
                amounts[index] = long.Parse(digits[..digits.IndexOf(' ')], CultureInfo.InvariantCulture) * 1024;
                if (--left == 0)
                {
                    break;
                }
            }
        }

        return amounts;
    }
}
